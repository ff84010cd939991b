"""The action registry: what the server can be asked for, by whom, and what does it.

`devices/handlers` fill it, as `admin.py` modules fill the admin's. A request takes its way through
it in `devicehive.protocol.calls`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from devicehive.events.subscriptions import Event, Subscription, hub
from devicehive.protocol.permissions import Permission, Principal, require
from devicehive.protocol.refusals import ProtocolRefusal, Refusal
from devicehive.protocol.shapes import NULL, Long, Params, Str, decode_member

if TYPE_CHECKING:
    from devicehive.protocol.calls import Request

P = TypeVar("P", bound=Params)
T = TypeVar("T")


class Envelope(msgspec.Struct, rename="camel"):
    """What every request may carry. The three ids are typed for all actions alike (G3)."""

    action: str | None = None
    request_id: msgspec.Raw = NULL
    device_id: Str | None = None
    network_id: Long | None = None
    device_type_id: Long | None = None


@dataclass(slots=True)
class Caller:
    """The state of one connection (1.4); handlers read it, `authenticate` changes it."""

    base_url: str = ""
    principal: Principal | None = None
    push: Callable[[str], None] = print
    """Sends a text without waiting; called on the event loop only."""
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    opened: list[tuple[Subscription, Sequence[Event]]] = field(default_factory=list)
    """What the request just handled has subscribed to, with its replay: see `start_opened`."""
    closed: bool = False

    def open(self, subscription: Subscription, replay: Sequence[Event]) -> None:
        """Keep a subscription, which is in the hub already. Called in the handler's thread."""
        self.subscriptions[subscription.id] = subscription
        self.opened.append((subscription, replay))
        if self.closed:
            # Just now, on the event loop; `close` may not have seen this one.
            hub.remove(subscription)

    def start_opened(self) -> None:
        """Start what was opened; to be called when the answer is sent, so that it comes first."""
        opened, self.opened = self.opened, []
        for subscription, replay in opened:
            subscription.start(replay)

    def close(self) -> None:
        """The connection is closed: nothing is delivered any more."""
        self.closed = True
        for subscription in list(self.subscriptions.values()):
            hub.remove(subscription)

    @property
    def identity(self) -> Principal:
        """The principal, for handlers of actions with a permission."""
        if self.principal is None:
            raise ProtocolRefusal.UNAUTHORIZED()
        return self.principal


class Runs(Enum):
    """Where a handler runs."""

    INLINE = auto()
    """On the event loop: no database, no waiting."""
    DATABASE = auto()
    PASSWORDS = auto()
    """Where hashing, some 0.3 s of CPU, holds up nothing but other logins."""


Target = Callable[[Principal, Envelope], None]
"""Steps 3 to 5 of the gate (3.1): raises Refused when the principal may not reach the target."""

Commit = Callable[[Sequence[Any]], Sequence[Any]]
"""Makes many prepared requests durable in one transaction; a result for each, in order, which
is a Refused or what is answered."""

AT_THE_GATE = (ProtocolRefusal.UNAUTHORIZED, ProtocolRefusal.ACCESS_DENIED)
"""What every action that needs a permission may answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    name: str
    handler: Callable[[Caller, Any], Any]
    params: type[Params]
    needs: frozenset[Permission]
    target: Target | None
    returns: str | None
    errors: tuple[Refusal, ...]
    runs: Runs
    commit: Commit | None
    decode: Callable[[str], Params]
    answer_head: str

    def prepare(self, caller: Caller, request: "Request", *, gate: bool = True) -> Any:
        """Everything up to and including the handler. Raises Refused.

        Without `gate` the target is not looked at, which needs the database: for actions with
        `commit`, which looks at the targets of all its requests at once.
        """
        if self.needs:
            principal = require(caller.principal, self.needs)
            if gate and self.target:
                self.target(principal, request.envelope)
        try:
            params = self.decode(request.text)
        except (msgspec.ValidationError, RecursionError):
            raise ProtocolRefusal.MALFORMED() from None
        return self.handler(caller, params)


registry: dict[str, Action] = {}


def action(
    name: str,
    *,
    needs: Permission | tuple[Permission, ...] = (),
    target: Target | None = None,
    returns: str | None = None,
    errors: tuple[Refusal, ...] = (),
    runs: Runs = Runs.DATABASE,
    commit: Commit | None = None,
) -> Callable[[Callable[[Caller, P], T]], Callable[[Caller, P], T]]:
    """Register a handler as the implementation of an action.

    `returns` names the response member that holds what the handler returns; without it, what
    it returns are the members themselves, or None for the status only. With `commit`, the
    handler's result is not an answer but an item that is committed together with those of other
    requests.

    `errors` are what it may answer besides the errors of the gate, malformed and internal; it
    and the handler's docstring are for the documents. That they are true is tested.
    """

    def register(handler: Callable[[Caller, P], T]) -> Callable[[Caller, P], T]:
        if name in registry:
            raise ValueError(f"two handlers for the action {name}")
        params = handler.__annotations__["params"]
        registry[name] = Action(
            name=name,
            handler=handler,
            params=params,
            needs=frozenset(needs if isinstance(needs, tuple) else (needs,)),
            target=target,
            returns=returns,
            errors=AT_THE_GATE + errors if needs else errors,
            runs=runs,
            commit=commit,
            decode=msgspec.json.Decoder(params, dec_hook=decode_member).decode,
            answer_head=f'{{"action":"{name}","requestId":',
        )
        return handler

    return register
