"""Who on this process wants to hear of what, and telling them (protocol, section 6).

An event carries topics, such as "device:lamp-1" and "network:7"; a subscription is found by one
of its topics, so an event costs by the number of those who get it, not by the number of those
who are connected. What topics mean is the business of whoever makes them.
"""

import itertools
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from devicehive.protocol.shapes import now

PROCESS = secrets.randbelow((1 << 31) - 1) + 1
"""This process, among all there are and were: 31 random bits, never 0."""

_ids = itertools.count(PROCESS << 22)


def new_id() -> int:
    """A subscription id: unique among processes, and below 2^53, which JavaScript can count to."""
    return next(_ids)


EVERYTHING = "*"
"""The topic of subscriptions without any limit; every event has it."""


COMMIT = timedelta(seconds=0.1)
"""What is stored becomes visible a little later than the moment that is stored with it."""


class Event(msgspec.Struct, frozen=True, eq=False, omit_defaults=True):
    """Something that subscribers are told of, once it is committed."""

    action: str
    """The action of the push: `command/insert`, `command/update` or `notification/insert`."""
    member: str
    """The member of the push that holds `body`."""
    name: str
    """What the `names` of a subscription are compared with."""
    topics: frozenset[str]
    key: str
    """Identifies the event, in a replay and live alike."""
    body: msgspec.Raw
    origin: int | None = None
    """The process that stored it ..."""
    stored_at: datetime | None = None
    """... and when, where that tells what it stored first: not for updates."""
    is_late: bool = False
    """It was missed and then read from the database. It is not for who has subscribed since."""


Listener = Callable[[Event, int], None]
"""Is told of an event and of the id of the subscription that wanted it. Called on the event loop;
must not block."""


@dataclass(eq=False, slots=True, kw_only=True)
class Subscription:
    """What one `*/subscribe` asked for. Until `start` it holds back what is live, so that the
    answer and the replay come first."""

    id: int
    action: str
    topics: frozenset[str]
    """An event must have one of these, and has no two: they are all of one kind ..."""
    also: tuple[frozenset[str], ...] = ()
    """... and one of each of these."""
    names: frozenset[str] | None = None
    listener: Listener
    requested: "Requested"
    """As `subscription/list` shows it."""
    opened_at: datetime = field(default_factory=now)
    held: list[Event] | None = field(default_factory=list)
    replayed: frozenset[str] = frozenset()
    """Keys of what the replay contained: what was stored just before it may arrive after it."""
    reached: dict[int | None, datetime] = field(default_factory=dict)
    """When the last of the replay was stored, by its origin."""

    def wants(self, event: Event) -> bool:
        """Whether an event that was found by one of `topics` is to be delivered."""
        return (
            (self.names is None or event.name in self.names)
            and all(not topics.isdisjoint(event.topics) for topics in self.also)
            and not (event.is_late and self._is_newer_than(event))
        )

    def _is_newer_than(self, event: Event) -> bool:
        return event.stored_at is not None and event.stored_at + COMMIT < self.opened_at

    def deliver(self, event: Event) -> None:
        if self.held is not None:
            self.held.append(event)
        elif event.key not in self.replayed and not self._is_overtaken(event):
            self.listener(event, self.id)

    def _is_overtaken(self, event: Event) -> bool:
        """Whether it was on its way here while something was replayed that was stored after it."""
        reached = self.reached.get(event.origin)
        if reached is None or event.stored_at is None:
            return False
        if event.stored_at < reached:
            return True
        del self.reached[event.origin]  # What one process has stored comes in order.
        return False

    def start(self, replay: Sequence[Event]) -> None:
        """Deliver the replay, then what was held back and is not in it, then what comes."""
        held, self.held = self.held or [], None
        for event in replay:
            self.deliver(event)
        self.replayed = frozenset(event.key for event in replay)
        for event in replay:
            if event.stored_at is not None:
                reached = self.reached.get(event.origin, event.stored_at)
                self.reached[event.origin] = max(reached, event.stored_at)
        for event in held:
            self.deliver(event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A subscription as `subscription/list` shows it: the request, not what became of it."""

    type: str
    device_id: str | None
    network_ids: list[int] | None
    device_type_ids: list[int] | None
    names: list[str] | None
    timestamp: datetime | None


class Hub:
    """The subscriptions of this process, by action and topic.

    Handlers add and remove in their threads; events are delivered on the event loop.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str], dict[Subscription, None]] = defaultdict(dict)

    def add(self, subscription: Subscription) -> None:
        with self._lock:
            for topic in subscription.topics:
                self._found[subscription.action, topic][subscription] = None

    def remove(self, subscription: Subscription) -> None:
        with self._lock:
            for key in [(subscription.action, topic) for topic in subscription.topics]:
                if key in self._found:
                    self._found[key].pop(subscription, None)
                    if not self._found[key]:
                        del self._found[key]

    def __bool__(self) -> bool:
        return bool(self._found)

    def deliver(self, event: Event) -> None:
        """Give an event to every subscription that wants it."""
        for subscription in self._matching(event):
            subscription.deliver(event)

    def _matching(self, event: Event) -> list[Subscription]:
        with self._lock:
            return [
                subscription
                for topic in event.topics
                for subscription in self._found.get((event.action, topic), ())
                if subscription.wants(event)
            ]


hub = Hub()
