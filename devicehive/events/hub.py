"""Who on this process wants to hear of what (protocol, section 6).

An event carries topics, such as "device:lamp-1" and "network:7"; a subscription is found by one
of its topics, so an event costs by the number of those who get it, not by the number of those
who are connected. What topics mean is the business of whoever makes them.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from time import monotonic

from devicehive.events.event import Event
from devicehive.events.subscriptions import Subscription
from devicehive.metrics import DELIVERED
from devicehive.protocol.timestamps import now

ServerListener = Callable[[Event], None]
"""Is called on the event loop, and must not block."""


HEARD_ON_SECONDS = 5
"""How long an action stays one that is listened to after its last subscription has ended. A poll is
followed by the next, and each would have the other processes asked anew, and what they have stored
in the last seconds read."""


def ignore() -> None:
    """Where nobody else is to know who listens."""


class Hub:
    """The subscriptions of this process, by action and topic.

    Handlers add and remove in their threads; events are dispatched on the event loop.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str], dict[Subscription, None]] = defaultdict(dict)
        self._entries: Counter[str] = Counter()
        """How many of them each action has."""
        self._ended: dict[str, float] = {}
        """When the last of an action has gone."""
        self.on_begin: Callable[[], object] = ignore
        """Called, in any thread, when the first subscription to an action is there."""
        self._watchers: dict[str, ServerListener] = {}

    def add(self, subscription: Subscription) -> None:
        with self._lock:
            begins = not self._is_heard(subscription.action)
            self._add(subscription)
        if begins:
            self.on_begin()

    def remove(self, subscription: Subscription) -> None:
        """Forget a subscription, even one that is not there any more."""
        with self._lock:
            self._remove(subscription)

    def limit(self, subscription: Subscription, limits: Sequence[frozenset[str]]) -> None:
        """Let a subscription hear what is within other limits from now on, and add it if it is not
        there."""
        with self._lock:
            if not self._remove(subscription):
                # What was stored meanwhile was not for it, and is not to come late.
                subscription.listens_since = now()
            begins = not self._is_heard(subscription.action)
            subscription.limit(limits)
            self._add(subscription)
        if begins:
            self.on_begin()

    def _add(self, subscription: Subscription) -> None:
        for topic in subscription.topics:
            found = self._found[subscription.action, topic]
            self._entries[subscription.action] += subscription not in found
            found[subscription] = None

    def _remove(self, subscription: Subscription) -> bool:
        """False if it was not there, or without any topic."""
        was_there = False
        for key in [(subscription.action, topic) for topic in subscription.topics]:
            if subscription in self._found.get(key, ()):
                was_there = True
                del self._found[key][subscription]
                self._entries[subscription.action] -= 1
                if not self._found[key]:
                    del self._found[key]
        if not self._entries[subscription.action]:
            del self._entries[subscription.action]
            if was_there:
                self._ended[subscription.action] = monotonic()
        return was_there

    def _is_heard(self, action: str) -> bool:
        ended = self._ended.get(action)
        lingers = ended is not None and monotonic() - ended < HEARD_ON_SECONDS
        return lingers or action in self._entries

    def watch(self, action: str, watcher: ServerListener) -> None:
        """Let the server itself hear of the events of an action, which are no pushes."""
        self._watchers[action] = watcher

    @property
    def has_listeners(self) -> bool:
        return bool(self._found)

    @property
    def actions(self) -> frozenset[str]:
        """The actions that anybody has subscribed to, or had until a few seconds ago."""
        with self._lock:
            return frozenset(filter(self._is_heard, {*self._entries, *self._ended}))

    def dispatch(self, event: Event) -> None:
        """Give an event to every subscription that wants it."""
        if event.action in self._watchers:
            self._watchers[event.action](event)
        found = self._matching(event)
        DELIVERED.values[()] += len(found)
        for subscription in found:
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
