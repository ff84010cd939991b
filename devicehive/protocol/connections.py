"""A caller who stays: what it listens to, until it closes (protocol, 1.4 and section 6)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from devicehive.events.event import Event
from devicehive.events.hub import hub
from devicehive.events.subscriptions import Listener, Subscription
from devicehive.protocol.actions import Caller


@dataclass(slots=True, kw_only=True)
class Connection(Caller):
    """A caller with subscriptions, whatever carries their events.

    Handlers of subscriptions ask for one by the type of their first argument. Whoever performs
    their requests calls `start_opened` once they are answered, and `close` at the end.
    """

    listener: Listener
    """Hears the events of all its subscriptions; called on the event loop, and must not block."""
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    opened: list[tuple[Subscription, Sequence[Event], Sequence[Event]]] = field(
        default_factory=list
    )
    """What the call just performed has subscribed to, with its replay and what is known already:
    see `start_opened`."""
    closed: bool = False

    def open(
        self, subscription: Subscription, replay: Sequence[Event], known: Sequence[Event] = ()
    ) -> None:
        """Keep a subscription, which is in the hub already. Called in the handler's thread."""
        self.subscriptions[subscription.id] = subscription
        self.opened.append((subscription, replay, known))
        if self.closed:
            # Just now, on the event loop; `close` may not have seen this one.
            hub.remove(subscription)

    def start_opened(self) -> None:
        """Start what was opened; to be called when the answer is sent, so that it comes first."""
        opened, self.opened = self.opened, []
        for subscription, replay, known in opened:
            subscription.start(replay, known)

    def close(self) -> None:
        """Listen to nothing any more; also to what a thread is about to open."""
        self.closed = True
        for subscription in list(self.subscriptions.values()):
            hub.remove(subscription)
