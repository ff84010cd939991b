"""A caller with a lasting connection, and its subscriptions (protocol, 1.4 and section 6)."""

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
    """A caller that can have subscriptions, whichever transport carries their events.

    Handlers of subscriptions request one by the type of their first argument. The transport calls
    `start_opened` after each answer, and `close` at the end.
    """

    listener: Listener
    """Receives the events of all subscriptions. It is called on the event loop and must not
    block."""
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    opened: list[tuple[Subscription, Sequence[Event], Sequence[Event]]] = field(
        default_factory=list
    )
    """The subscriptions of the request just performed, each with the events to replay and those
    that the client knows already; see `start_opened`."""
    users: tuple[int, ...] = ()
    """The ids of all users that the client has authenticated as."""
    acts_for: set[str] = field(default_factory=set)
    """The devices on whose behalf the client did something (ADR 30)."""
    closed: bool = False
    on_withdrawn: Callable[[], None] = _ignore
    """Called when the principal was withdrawn, in the thread that withdrew it."""

    def __post_init__(self) -> None:
        if self.principal is not None:
            self._join_session_of(self.principal.user_id)

    def become(self, principal: Principal) -> None:
        """Make this the principal: the client has just authenticated.

        A subscription keeps the principal that opened it. If that one was withdrawn, the
        subscription gets the new principal of the same user (R-45).
        """
        with sessions.changing:
            self.principal = principal
        self._join_session_of(principal.user_id)

    def _join_session_of(self, user_id: int) -> None:
        if user_id not in self.users:
            self.users = (*self.users, user_id)
            sessions.add(user_id, self)
        if self.closed:
            # The event loop closed the connection meanwhile; `close` may have missed this entry.
            sessions.remove(user_id, self)

    def renew(self, current: Principal, renewed: Principal) -> None:
        with sessions.changing:
            if self.principal is current:
                self.principal = renewed

    def act_for(self, device_id: str) -> None:
        attendance.join(device_id, self)

    def withdraw(self, current: Principal, refusal: Refusal) -> None:
        """Remove the principal, if it is still this one. From now on `refusal` answers all requests
        that need a permission (R-45)."""
        with sessions.changing:
            if self.principal is not current:
                return
            self.principal, self.stranger_refusal = None, refusal
        self.on_withdrawn()

    def open(
        self, subscription: Subscription, replay: Sequence[Event], known: Sequence[Event] = ()
    ) -> None:
        """Keep a subscription that is in the hub already. Called in the handler's thread."""
        self.subscriptions[subscription.id] = subscription
        self.opened.append((subscription, replay, known))
        if self.closed:
            # The event loop closed the connection meanwhile; `close` may have missed this one.
            hub.remove(subscription)

    def limit(self, subscription: Subscription, limits: Sequence[frozenset[str]] | None) -> None:
        """Change which events a subscription receives; with None it receives no more. Called in a
        thread."""
        if limits is None:
            hub.remove(subscription)
            return
        hub.limit(subscription, limits)
        if self.closed or subscription.id not in self.subscriptions:
            # The event loop ended the subscription meanwhile, and `hub.limit` put it back.
            hub.remove(subscription)

    def end(self, subscription: Subscription) -> None:
        """End a subscription."""
        # In this order: `limit` looks for the subscription here after putting it into the hub.
        del self.subscriptions[subscription.id]
        hub.remove(subscription)

    def start_opened(self) -> None:
        """Start the subscriptions that were opened. To be called once the answer is sent, so that
        the client gets the answer before the first event."""
        opened, self.opened = self.opened, []
        for subscription, replay, known in opened:
            subscription.start(replay, known)

    def close(self) -> None:
        """End all subscriptions, and those that a thread is about to open."""
        self.closed = True
        attendance.leave(self)
        for user_id in self.users:
            sessions.remove(user_id, self)
        for subscription in list(self.subscriptions.values()):
            hub.remove(subscription)
