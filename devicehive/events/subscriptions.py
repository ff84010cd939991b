"""Subscriptions: which events they get, and how replayed and live events are kept in order
(protocol, section 6)."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import datetime, timedelta

from devicehive.events.event import EVERYTHING, PROCESS, Event
from devicehive.protocol.permissions import Permission, Principal
from devicehive.protocol.timestamps import now

COMMIT_TAKES = timedelta(seconds=0.1)
"""How long after its `stored_at` an event may become visible to a replay. An event that is read
late is delivered even if it was stored so shortly before a subscription with a replay: the replay
may have missed it, and an event too many is better than one too few."""

_ids = itertools.count(PROCESS << 22)


def new_id() -> int:
    """A new subscription id: unique among all processes, and below 2^53, so that JavaScript can
    represent it."""
    return next(_ids)


Listener = Callable[[Event, int], None]
"""Called with an event and the id of the subscription that gets it, on the event loop. It must not
block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A subscription as `subscription/list` shows it: what was requested, not what was granted."""

    type: str
    device_id: str | None = None
    network_ids: list[int] | None = None
    device_type_ids: list[int] | None = None
    names: list[str] | None = None
    timestamp: datetime | None = None


class Replay:
    """Keeps the order of replayed and live events: first the replayed ones, then the live ones, and
    none of them twice.

    Until it is started, it holds live events back. From then on it drops those that were replayed,
    and those that were stored before a replayed event of the same origin, until each of these
    origins has sent a newer event.
    """

    __slots__ = ("has_started", "has_undated", "held", "keys", "reached", "send")

    def __init__(self, send: Callable[[Event], None]) -> None:
        self.send = send
        self.held: list[Event] = []
        self.keys: frozenset[str] = frozenset()
        self.reached: dict[int | None, datetime] = {}
        """By origin: when its last replayed event was stored."""
        self.has_undated = False
        """Whether an event without `stored_at` was replayed. No later event then shows that it can
        no longer come live."""
        self.has_started = False

    def start(self, events: Sequence[Event], known: Sequence[Event] = ()) -> None:
        """Send the replayed events, then those held back, without the replayed and the known."""
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
        """Whether `event` was stored before a replayed event of its origin, and so was on its way
        during the replay. The events of an origin come in order, so a newer one ends this state."""
        reached = self.reached.get(event.origin)
        if reached is None or event.stored_at is None:
            return False
        if event.stored_at > reached:
            del self.reached[event.origin]
        return event.stored_at < reached

    @property
    def is_over(self) -> bool:
        """Whether no replayed event can come a second time."""
        return self.has_started and not (self.reached or self.has_undated)


@dataclass(eq=False, slots=True, kw_only=True)
class Subscription:
    """The subscription that a `*/subscribe` has made. It delivers events only from `start` on, so
    that the answer and the replay come first."""

    id: int
    action: str
    principal: Principal
    """Who has subscribed; the subscription gets the events that this principal may see."""
    needs: Permission
    """The permission that is needed for the subscription."""
    changes: int = 0
    """The value of `sessions.changes` before the principal's access was looked up."""
    limits: InitVar[tuple[frozenset[str], ...]]
    topics: frozenset[str] = field(init=False)
    """An event must have one of these. It never has two of them, because all are of one kind."""
    also: tuple[frozenset[str], ...] = field(init=False)
    """An event must also have a topic of each of these sets."""
    names: frozenset[str] | None = None
    listener: Listener
    requested: Requested
    listens_since: datetime = field(default_factory=now)
    replay: Replay | None = field(init=False)
    """None once no replayed event can come a second time."""

    def __post_init__(self, limits: tuple[frozenset[str], ...]) -> None:
        self.limit(limits)
        self.replay = Replay(self.send)

    def limit(self, limits: Sequence[frozenset[str]]) -> None:
        """Get only events that have a topic of each of the limits; without limits, all events. Once
        the subscription is in the hub, only the hub may call this."""
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
        """Deliver the replayed events, then those that have come meanwhile, then live ones. No
        replayed or known event is delivered again."""
        if self.replay is not None:
            self.replay.start(events, known)
            self._end_replay()

    def deliver(self, event: Event) -> None:
        """Deliver a live event, in order with the replay while there is one."""
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
