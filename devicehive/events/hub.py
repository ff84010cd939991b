"""The subscriptions of this process, and the dispatch of events to them (protocol, section 6).

An event has topics, such as "device:lamp-1" and "network:7", by which its subscriptions are found.
So the cost of an event depends on how many get it, not on how many are connected. The hub does not
know what a topic means.
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
"""Called with an event on the event loop. It must not block."""


HEARD_ON_SECONDS = 5
"""How long an action still counts as subscribed to after its last subscription has ended. One poll
follows another; otherwise each would make the other processes send the events of its action again,
and this process read what they have stored in the last seconds."""


def ignore() -> None:
    """Do nothing: the default of `on_begin`."""


class Hub:
    """The subscriptions of this process, by action and topic.

    Handlers add and remove subscriptions in their threads; events are dispatched on the event loop.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str], dict[Subscription, None]] = defaultdict(dict)
        self._entries: Counter[str] = Counter()
        """By action: the number of entries in `_found`."""
        self._ended: dict[str, float] = {}
        """By action: when its last subscription ended, by `monotonic`."""
        self.on_begin: Callable[[], object] = ignore
        """Called after the first subscription to an action was added, in the same thread."""
        self._watchers: dict[str, ServerListener] = {}

    def add(self, subscription: Subscription) -> None:
        with self._lock:
            begins = not self._is_heard(subscription.action)
            self._add(subscription)
        if begins:
            self.on_begin()

    def remove(self, subscription: Subscription) -> None:
        """Remove a subscription; nothing happens if it is not there."""
        with self._lock:
            self._remove(subscription)

    def limit(self, subscription: Subscription, limits: Sequence[frozenset[str]]) -> None:
        """Change which events a subscription gets, and add it if it is not there."""
        with self._lock:
            if not self._remove(subscription):
                # It must not get late what was stored while it was not there.
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
        """Remove a subscription. False if it was not there, or has no topics."""
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
        """Have a function of the server called with each event of an action."""
        self._watchers[action] = watcher

    @property
    def has_listeners(self) -> bool:
        return bool(self._found)

    @property
    def actions(self) -> frozenset[str]:
        """The actions with subscriptions, and those that had some until HEARD_ON_SECONDS ago."""
        with self._lock:
            return frozenset(filter(self._is_heard, {*self._entries, *self._ended}))

    def dispatch(self, event: Event) -> None:
        """Deliver an event to every subscription that wants it."""
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
