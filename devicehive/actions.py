"""The action registry and the one way a request takes through it (protocol, 1.5 and 1.6).

    text -> envelope -> action -> permission -> target -> params -> handler -> answer

`devices/handlers` fill the registry, as `admin.py` modules fill the admin's. Nothing here knows
a socket: the consumer, a test and any other transport call `Request.execute`.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeVar

import msgspec

from devicehive.errors import ProtocolError, Reason, Refused
from devicehive.permissions import Permission, Principal, require
from devicehive.shapes import NULL, Long, Params, Str, decode_member
from devicehive.subscriptions import Event, Subscription, hub

logger = logging.getLogger(__name__)

P = TypeVar("P", bound=Params)
T = TypeVar("T")

MALFORMED = '{"status":"error","code":400,"error":"Malformed Json received."}'
"""The answer to what is no JSON object; it has nothing to echo."""


class Envelope(msgspec.Struct, rename="camel"):
    """What every request may carry. The three ids are typed for all actions alike (G3)."""

    action: str | None = None
    request_id: msgspec.Raw = NULL
    device_id: Str | None = None
    network_id: Long | None = None
    device_type_id: Long | None = None


class Echo(msgspec.Struct, rename="camel"):
    """The part of an envelope that is repeated, whatever its type and that of the ids."""

    action: msgspec.Raw = NULL
    request_id: msgspec.Raw = NULL


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
            raise ProtocolError.UNAUTHORIZED()
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

AT_THE_GATE = (ProtocolError.UNAUTHORIZED, ProtocolError.ACCESS_DENIED)
"""What every action that needs a permission may answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    name: str
    handler: Callable[[Caller, Any], Any]
    params: type[Params]
    needs: frozenset[Permission]
    target: Target | None
    returns: str | None
    errors: tuple[Reason, ...]
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
            raise ProtocolError.MALFORMED() from None
        return self.handler(caller, params)


registry: dict[str, Action] = {}


def action(
    name: str,
    *,
    needs: Permission | tuple[Permission, ...] = (),
    target: Target | None = None,
    returns: str | None = None,
    errors: tuple[Reason, ...] = (),
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


class Request:
    """One message: what it asks for, and the shape of its answer."""

    __slots__ = ("envelope", "ill_typed", "text")

    def __init__(
        self, text: str, envelope: Envelope, *, ill_typed: msgspec.Raw | None = None
    ) -> None:
        """`ill_typed` is the action as it was sent, if it or an id has the wrong type."""
        self.text = text
        self.envelope = envelope
        self.ill_typed = ill_typed

    @property
    def action(self) -> Action:
        """The action asked for: steps G2 and G3. Raises Refused."""
        if self.ill_typed is not None:
            raise _wrong_type(self.ill_typed)
        found = registry.get(self.envelope.action or "")
        if found is None:
            raise _unknown(self.envelope.action)
        return found

    def execute(self, caller: Caller) -> str:
        """Do what is asked and return the answer. Whatever happens, there is one (R-06)."""
        try:
            action = self.action
            result = action.prepare(caller, self)
            if action.commit is not None:
                (result,) = action.commit([result])
            return self.answer(result)
        except Refused as refused:
            return self.refuse(refused)
        except Exception:
            return self.fail()

    def answer(self, result: Any) -> str:
        """The answer for what a handler or a commit has returned."""
        if isinstance(result, Refused):
            return self.refuse(result)
        action = self.action
        request_id = bytes(self.envelope.request_id).decode()
        head = f'{action.answer_head}{request_id},"status":"success"'
        if action.returns is not None:
            result = {action.returns: result}
        if result is None:
            return head + "}"
        return f"{head},{msgspec.json.encode(result).decode()[1:]}"

    def refuse(self, refused: Refused) -> str:
        answer = {
            "action": self.envelope.action if self.ill_typed is None else self.ill_typed,
            "requestId": self.envelope.request_id,
            "status": "error",
            "code": refused.code,
            "error": refused.text,
        }
        return msgspec.json.encode(answer).decode()

    def fail(self) -> str:
        """Log the exception being handled and answer 500."""
        logger.exception("the action %r failed", self.envelope.action)
        return self.refuse(ProtocolError.INTERNAL())


def _wrong_type(action: msgspec.Raw) -> Refused:
    """Why a frame with this action and something of the wrong type is refused (G2, G3)."""
    text = bytes(action)
    if text.startswith((b"{", b"[")) or text == b"null":
        return ProtocolError.ACTION_MISSING()
    if not text.startswith(b'"'):
        return ProtocolError.ILLEGAL_ARGUMENT(text.decode())
    name = msgspec.json.decode(text, type=str)
    return ProtocolError.MALFORMED() if name in registry else _unknown(name)


def _unknown(action: str | None) -> Refused:
    return ProtocolError.ILLEGAL_ARGUMENT(action) if action else ProtocolError.ACTION_MISSING()


_decode_envelope = msgspec.json.Decoder(Envelope, dec_hook=decode_member).decode
_decode_echo = msgspec.json.Decoder(Echo).decode


def read(text: str) -> Request | None:
    """Step G1. None when `text` is not a JSON object: answer MALFORMED."""
    try:
        return Request(text, _decode_envelope(text))
    except msgspec.ValidationError:
        pass  # A member of the wrong type, or no object, or either and broken further on.
    except (msgspec.DecodeError, RecursionError):
        return None
    try:
        echo = _decode_echo(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return Request(text, Envelope(request_id=echo.request_id), ill_typed=echo.action)
