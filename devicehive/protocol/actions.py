"""The action registry: every action that clients may request, its permission and its handler.

The modules in `devices/handlers` fill it, as `admin.py` modules fill the admin's registry.
`devicehive.protocol.calls` takes a request through it.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeVar, get_origin

import msgspec

from devicehive.protocol.attendance import attendance
from devicehive.protocol.bodies import Params, refusals_of
from devicehive.protocol.permissions import Permission, Principal
from devicehive.protocol.refusals import ProtocolRefusal, Refusal
from devicehive.protocol.shapes import NULL, Long, Str, decode_member
from devicehive.serving.addresses import stays

C = TypeVar("C", bound="Caller")
P = TypeVar("P", bound=Params)
T = TypeVar("T")


class Envelope(msgspec.Struct, rename="camel"):
    """The members that any request may have. The first three ids have the same type in all actions
    (G3)."""

    action: str | None = None
    request_id: msgspec.Raw = NULL
    device_id: Str | None = None
    network_id: Long | None = None
    device_type_id: Long | None = None
    user_id: msgspec.Raw = NULL
    command_id: msgspec.Raw = NULL
    name: msgspec.Raw = NULL
    """These three are kept as raw JSON, for the targets of REST paths, which give them as texts."""


@dataclass(slots=True, kw_only=True, eq=False)
class Caller:
    """The client that makes a request: handlers read it, `authenticate` changes it (1.4)."""

    base_url: str = ""
    """The URL under which the client reached the server: `http://host:port/context`."""
    address: str = ""
    """The client's network address; empty if it is not known."""
    principal: Principal | None = None
    has_left: Callable[[], bool] = stays
    """Whether the client is gone, so that nobody waits for an answer. Any thread may call it."""
    stranger_refusal: Refusal = ProtocolRefusal.UNAUTHORIZED
    """The refusal while there is no principal: none yet, or one that was withdrawn (R-45)."""

    @property
    def identity(self) -> Principal:
        """The principal, for handlers of actions with a permission. Raises Refused."""
        principal = self.principal
        if principal is None:
            raise self.stranger_refusal()
        return principal

    def become(self, principal: Principal) -> None:
        """Make this the principal: the client has just authenticated."""
        self.principal = principal

    def renew(self, current: Principal, renewed: Principal) -> None:
        """Replace the principal by one of the same user that was just looked up, unless the client
        has authenticated as somebody else meanwhile."""
        if self.principal is current:
            self.principal = renewed

    def act_for(self, device_id: str) -> None:
        """Note that the client did something on behalf of this device (ADR 30)."""
        attendance.hear(device_id, self)


class Runs(Enum):
    """Where a handler runs."""

    INLINE = auto()
    """On the event loop. It must not query the database or block."""
    AWAITED = auto()
    """On the event loop, as a coroutine that awaits database queries and hashes done in threads."""
    DATABASE = auto()
    """In one of the threads for the database."""


Target = Callable[[Principal, Envelope], None]
"""Does steps 3 to 5 of the gate (3.1): raises Refused if the principal may not reach the target."""

Batch = Callable[[Sequence[Any]], Sequence[Any]]
"""Executes many prepared requests together. Returns one result for each, in the same order: a
Refused, an Unread or the content of the answer."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A placeholder for a long result of a batch. It is read only when it is about to be sent:
    otherwise all long results of a batch would be in memory at once."""

    read: Callable[[], Any]


Standing = Callable[[Principal], Principal]
"""Looks up the current state of a principal (R-43). Raises Refused if it was withdrawn."""

AT_THE_GATE = (ProtocolRefusal.UNAUTHORIZED, ProtocolRefusal.ACCESS_DENIED)
"""The refusals of every action that needs a permission."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A registered action. The arguments of `action` explain the members."""

    name: str
    handler: Callable[[Any, Any], Any]
    params: type[Params]
    needs: frozenset[Permission]
    target: Target | None
    standing: Standing | None
    returns: str | None
    answer: Any
    """The type of the answer's content; None if the answer is the status only."""
    errors: tuple[Refusal, ...]
    """All possible refusals, except MALFORMED and INTERNAL, which every action has."""
    runs: Runs
    commit: Batch | None
    look_up: Batch | None
    shape: Callable[[Any], Any] | None
    of_devices: bool
    decode: Callable[[str], Params]

    @property
    def batch(self) -> Batch | None:
        """The function that executes requests for this action together, if there is one."""
        return self.commit or self.look_up

    @property
    def lists(self) -> bool:
        """Whether the handler returns a list, which may be long."""
        kind: object = get_origin(self.handler.__annotations__["return"])
        return kind is list

    @property
    def text(self) -> str:
        """The description of the action in the documents: its handler's docstring."""
        return inspect.getdoc(self.handler) or ""


registry: dict[str, Action] = {}
"""The actions that frames can request; most REST paths stand for one of them."""
rest_registry: dict[str, Action] = {}
"""The actions that only REST paths stand for; no frame can request them."""


def action(
    name: str,
    *,
    needs: Permission | tuple[Permission, ...] = (),
    target: Target | None = None,
    standing: Standing | None = None,
    returns: str | None = None,
    errors: tuple[Refusal, ...] = (),
    runs: Runs = Runs.DATABASE,
    commit: Batch | None = None,
    look_up: Batch | None = None,
    answer: Any = None,
    shape: Callable[[Any], Any] | None = None,
    of_devices: bool = False,
    into: dict[str, Action] = registry,
) -> Callable[[Callable[[C, P], T]], Callable[[C, P], T]]:
    """Register a handler as the implementation of an action.

    The caller must have one of the permissions in `needs`; then `target` checks the resource that
    the request names (3.1). With `standing`, the principal is looked up before that, because its
    permissions may be gone (R-43). A handler runs in a thread unless `runs` is INLINE or AWAITED;
    with `commit` or `look_up` it runs on the event loop whatever `runs` says, and must not query
    the database.

    `returns` names the member of the answer that holds the handler's result; without it, the result
    is an object whose members are those of the answer, or None for the status only. With `commit`,
    the handler's result is not an answer but an item that is committed together with those of other
    requests, in one transaction; `look_up` does the same for requests that only read. `shape`
    converts the result into the content of the answer. `answer` is the type of that content, if it
    is not the return type of the handler.

    With `of_devices`, a request that succeeds counts as a sign of life of the device that it names
    (ADR 30).

    `errors` are the refusals of the handler and its services; those of the gate and of the shape of
    the params are added. They and the handler's docstring go into the documents; a test compares
    them with what the server answers.

    `into` is the registry to add the action to: the one for frames, or the one for REST only.
    """

    def register(handler: Callable[[C, P], T]) -> Callable[[C, P], T]:
        if name in into:
            raise ValueError(f"two handlers for the action {name}")
        params = handler.__annotations__["params"]
        at_the_gate: tuple[Refusal, ...] = AT_THE_GATE if needs else ()
        if standing is not None:
            at_the_gate = (*at_the_gate, ProtocolRefusal.TOKEN_EXPIRED)
        into[name] = Action(
            name=name,
            handler=handler,
            params=params,
            needs=frozenset(needs if isinstance(needs, tuple) else (needs,)),
            target=target,
            standing=standing,
            returns=returns,
            answer=answer if commit or look_up or answer else handler.__annotations__["return"],
            errors=tuple(dict.fromkeys((*at_the_gate, *refusals_of(params), *errors))),
            runs=runs,
            commit=commit,
            look_up=look_up,
            shape=shape,
            of_devices=of_devices,
            decode=msgspec.json.Decoder(params, dec_hook=decode_member).decode,
        )
        return handler

    return register
