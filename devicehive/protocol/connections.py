"""A caller who stays: what it listens to, until it closes (protocol, 1.4 and section 6)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from devicehive.events.event import Event
from devicehive.events.hub import hub
from devicehive.events.subscriptions import Listener, Subscription
from devicehive.protocol.actions import Caller
from devicehive.protocol.attendance import attendance
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refusal
from devicehive.protocol.sessions import sessions


def _ignore() -> None:
    pass


@dataclass(slots=True, kw_only=True, eq=False)
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
    users: tuple[int, ...] = ()
    """All whom it has authenticated as."""
    acts_for: set[str] = field(default_factory=set)
    """The devices that it has done for what devices do (ADR 30)."""
    closed: bool = False
    on_withdrawn: Callable[[], None] = _ignore
    """Called in a thread when the principal was withdrawn."""

    def __post_init__(self) -> None:
        if self.principal is not None:
            self._act_for(self.principal.user_id)

    def become(self, principal: Principal) -> None:
        """Act for whoever has authenticated just now.

        Subscriptions go on as those of the principal that has opened them. Where that has lost its
        power, they go on as those of its user's new one (R-45).
        """
        with sessions.changing:
            self.principal = principal
        self._act_for(principal.user_id)

    def _act_for(self, user_id: int) -> None:
        if user_id not in self.users:
            self.users = (*self.users, user_id)
            sessions.add(user_id, self)
        if self.closed:
            # Just now, on the event loop; `close` may not have seen this one.
            sessions.remove(user_id, self)

    def renew(self, current: Principal, renewed: Principal) -> None:
        with sessions.changing:
            if self.principal is current:
                self.principal = renewed

    def act_for(self, device_id: str) -> None:
        attendance.join(device_id, self)

    def withdraw(self, current: Principal, refusal: Refusal) -> None:
        """Take the principal away, if it is still this one: what needs a permission is refused
        from now on (R-45)."""
        with sessions.changing:
            if self.principal is not current:
                return
            self.principal, self.stranger_refusal = None, refusal
        self.on_withdrawn()

    def open(
        self, subscription: Subscription, replay: Sequence[Event], known: Sequence[Event] = ()
    ) -> None:
        """Keep a subscription, which is in the hub already. Called in the handler's thread."""
        self.subscriptions[subscription.id] = subscription
        self.opened.append((subscription, replay, known))
        if self.closed:
            # Just now, on the event loop; `close` may not have seen this one.
            hub.remove(subscription)

    def limit(self, subscription: Subscription, limits: Sequence[frozenset[str]] | None) -> None:
        """Let a subscription hear what is within other limits, or nothing. Called in a thread."""
        if limits is None:
            hub.remove(subscription)
            return
        hub.limit(subscription, limits)
        if self.closed or subscription.id not in self.subscriptions:
            # Ended just now, on the event loop: not to be heard of again.
            hub.remove(subscription)

    def end(self, subscription: Subscription) -> None:
        """Hear no more of a subscription."""
        # In this order: `limit` looks for it after it has put it into the hub.
        del self.subscriptions[subscription.id]
        hub.remove(subscription)

    def start_opened(self) -> None:
        """Start what was opened; to be called when the answer is sent, so that it comes first."""
        opened, self.opened = self.opened, []
        for subscription, replay, known in opened:
            subscription.start(replay, known)

    def close(self) -> None:
        """Listen to nothing any more; also to what a thread is about to open."""
        self.closed = True
        attendance.leave(self)
        for user_id in self.users:
            sessions.remove(user_id, self)
        for subscription in list(self.subscriptions.values()):
            hub.remove(subscription)
