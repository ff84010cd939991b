"""What one subscriber wants to hear of, and how replayed and live events are told in order
(protocol, section 6)."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime, timedelta

from devicehive.events.event import EVERYTHING, PROCESS, Event
from devicehive.protocol.permissions import Permission, Principal
from devicehive.protocol.timestamps import now

COMMIT_TAKES = timedelta(seconds=0.1)
"""How much later than the moment stored with it an event may become visible. Of two evils, an event
that is read late and was stored so shortly before a subscription with a replay is told to it, not
withheld: the replay could not see it yet."""

_ids = itertools.count(PROCESS << 22)


def new_id() -> int:
    """A subscription id: unique among processes, and below 2^53, which JavaScript can count to."""
    return next(_ids)


Listener = Callable[[Event, int], None]
"""Is told of an event and of the id of the subscription that wanted it. Called on the event loop;
must not block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A subscription as `subscription/list` shows it: the request, not what became of it."""

    type: str
    device_id: str | None
    network_ids: list[int] | None
    device_type_ids: list[int] | None
    names: list[str] | None
    timestamp: datetime | None


class Replay:
    """The order between what is replayed and what is live: first the one, then the other, and
    nothing of both twice.

    It holds live events back until it has started. From then on it drops those that were replayed,
    and those that were stored before something that was, until each process it knows of has told
    of something newer.
    """

    __slots__ = ("has_started", "has_undated", "held", "keys", "reached", "send")

    def __init__(self, send: Callable[[Event], None]) -> None:
        self.send = send
        self.held: list[Event] = []
        self.keys: frozenset[str] = frozenset()
        self.reached: dict[int | None, datetime] = {}
        """When the last of what was replayed was stored, by its origin."""
        self.has_undated = False
        """Whether something was replayed of which no later event tells that it has passed."""
        self.has_started = False

    def start(self, events: Sequence[Event], known: Sequence[Event] = ()) -> None:
        """Send what is replayed, then what was held back and is neither in it nor known already."""
        for event in events:
            self.send(event)
        told = (*known, *events)
        for event in told:
            if event.stored_at is None:
                self.has_undated = True
            else:
                reached = self.reached.get(event.origin, event.stored_at)
                self.reached[event.origin] = max(reached, event.stored_at)
        self.keys = frozenset(event.key for event in told)
        self.has_started = True
        held, self.held = self.held, []
        for event in held:
            self.sort_in(event)

    def sort_in(self, event: Event) -> None:
        """Send a live event, hold it back, or drop it."""
        if not self.has_started:
            self.held.append(event)
        elif event.key not in self.keys and not self._has_overtaken(event):
            self.send(event)

    def _has_overtaken(self, event: Event) -> bool:
        """Whether `event` was on its way here while something was replayed that was stored after
        it. What one process has stored comes in order: a newer event ends this for its origin."""
        reached = self.reached.get(event.origin)
        if reached is None or event.stored_at is None:
            return False
        if event.stored_at > reached:
            del self.reached[event.origin]
        return event.stored_at < reached

    @property
    def is_over(self) -> bool:
        """Whether nothing that was replayed can come again."""
        return self.has_started and not (self.reached or self.has_undated)


@dataclass(eq=False, slots=True, kw_only=True)
class Subscription:
    """What one `*/subscribe` asked for. It is heard of from `start` on, so that the answer and the
    replay come first."""

    id: int
    action: str
    principal: Principal
    """Who has asked for it; it hears what that one can see."""
    needs: Permission
    """What a principal must have to ask for it."""
    changes: int = 0
    """How many changes of access were known before it was found out what that is."""
    limits: InitVar[tuple[frozenset[str], ...]]
    topics: frozenset[str] = field(init=False)
    """An event must have one of these. It never has two of them: they are all of one kind."""
    also: tuple[frozenset[str], ...] = field(init=False)
    """An event must have one topic of each of these sets, too."""
    names: frozenset[str] | None = None
    listener: Listener
    requested: Requested
    listens_since: datetime = field(default_factory=now)
    replay: Replay | None = field(init=False)
    """None once it is over."""

    def __post_init__(self, limits: tuple[frozenset[str], ...]) -> None:
        self.limit(limits)
        self.replay = Replay(self.send)

    def limit(self, limits: Sequence[frozenset[str]]) -> None:
        """Hear only events that have a topic of each of the limits; of all, without any. While the
        hub has it, the hub does this."""
        first, *others = limits or (frozenset({EVERYTHING}),)
        self.topics, self.also = first, tuple(others)

    def wants(self, event: Event) -> bool:
        """Whether an event that was found by one of `topics` is to be delivered."""
        return (
            (self.names is None or event.name in self.names)
            and all(not topics.isdisjoint(event.topics) for topics in self.also)
            and not (event.is_late and self._is_newer_than(event))
        )

    def _is_newer_than(self, event: Event) -> bool:
        return event.stored_at is not None and event.stored_at < self._told_late_from

    @property
    def _told_late_from(self) -> datetime:
        asked = self.requested.timestamp
        if asked is None:
            return self.listens_since
        return max(min(asked, self.listens_since), self.listens_since - COMMIT_TAKES)

    def start(self, events: Sequence[Event], known: Sequence[Event] = ()) -> None:
        """Deliver what is replayed, then what has come meanwhile, then what comes; nothing of what
        is replayed or known twice."""
        if self.replay is not None:
            self.replay.start(events, known)
            self._end_replay()

    def deliver(self, event: Event) -> None:
        """Tell the listener, in the order of the replay while there is one."""
        if self.replay is None:
            self.send(event)
        else:
            self.replay.sort_in(event)
            self._end_replay()

    def _end_replay(self) -> None:
        if self.replay is not None and self.replay.is_over:
            self.replay = None

    def send(self, event: Event) -> None:
        self.listener(event, self.id)
