"""The action registry: what the server can be asked for, by whom, and what does it.

`devices/handlers` fill it, as `admin.py` modules fill the admin's. A request takes its way through
it in `devicehive.protocol.calls`.
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
    """What every request may carry. The three ids are typed for all actions alike (G3)."""

    action: str | None = None
    request_id: msgspec.Raw = NULL
    device_id: Str | None = None
    network_id: Long | None = None
    device_type_id: Long | None = None
    user_id: msgspec.Raw = NULL
    command_id: msgspec.Raw = NULL
    name: msgspec.Raw = NULL
    """These are as they came, for the targets of REST's paths, which give them as texts."""


@dataclass(slots=True, kw_only=True, eq=False)
class Caller:
    """Who asks, and where: handlers read it, `authenticate` changes it (1.4)."""

    base_url: str = ""
    """Under which address the caller has reached the server: `http://host:port/context`."""
    address: str = ""
    """Where the caller is, as far as the server knows."""
    principal: Principal | None = None
    has_left: Callable[[], bool] = stays
    """Whether nobody waits for an answer any more. May be called in any thread."""
    stranger_refusal: Refusal = ProtocolRefusal.UNAUTHORIZED
    """How it is refused while there is no principal: none yet, or one that was withdrawn (R-45)."""

    @property
    def identity(self) -> Principal:
        """The principal, for handlers of actions with a permission. Raises Refused."""
        principal = self.principal
        if principal is None:
            raise self.stranger_refusal()
        return principal

    def become(self, principal: Principal) -> None:
        """Act for whoever has authenticated just now."""
        self.principal = principal

    def renew(self, current: Principal, renewed: Principal) -> None:
        """Go on as the same user, who was just looked up."""
        if self.principal is current:
            self.principal = renewed

    def act_for(self, device_id: str) -> None:
        """Note that it has done what devices do, for this one (ADR 30)."""
        attendance.hear(device_id, self)


class Runs(Enum):
    """Where a handler runs."""

    INLINE = auto()
    """On the event loop: no database, no waiting."""
    AWAITED = auto()
    """On the event loop, as a coroutine, which asks the database and hashes in threads."""
    DATABASE = auto()


Target = Callable[[Principal, Envelope], None]
"""Steps 3 to 5 of the gate (3.1): raises Refused when the principal may not reach the target."""

Batch = Callable[[Sequence[Any]], Sequence[Any]]
"""Does many prepared requests together; a result for each, in order, which is a Refused, Unread or
what is answered."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Stands for a result of a batch that is so long that it is read by itself, when it is its turn
    to be answered: until then, all those of a batch would be held."""

    read: Callable[[], Any]


Standing = Callable[[Principal], Principal]
"""Looks up what a principal is now (R-43). Raises Refused if it has lost its power."""

AT_THE_GATE = (ProtocolRefusal.UNAUTHORIZED, ProtocolRefusal.ACCESS_DENIED)
"""What every action that needs a permission may answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What `action` has registered: its arguments say what each of these is."""

    name: str
    handler: Callable[[Any, Any], Any]
    params: type[Params]
    needs: frozenset[Permission]
    target: Target | None
    standing: Standing | None
    returns: str | None
    answer: Any
    """The type of what is answered; None for the status only."""
    errors: tuple[Refusal, ...]
    """All it may be refused with, besides malformed and internal."""
    runs: Runs
    commit: Batch | None
    look_up: Batch | None
    shape: Callable[[Any], Any] | None
    of_devices: bool
    decode: Callable[[str], Params]

    @property
    def batch(self) -> Batch | None:
        """What does this together with the requests of others, if anything does."""
        return self.commit or self.look_up

    @property
    def lists(self) -> bool:
        """Whether its handler makes a list, which may be long."""
        kind: object = get_origin(self.handler.__annotations__["return"])
        return kind is list

    @property
    def text(self) -> str:
        """What the documents say of it."""
        return inspect.getdoc(self.handler) or ""


registry: dict[str, Action] = {}
"""What a frame can ask for, and what most paths of REST mean."""
rest_registry: dict[str, Action] = {}
"""What only paths of REST mean: no frame reaches these."""


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

    The caller must have one of the permissions it `needs`; `target` then looks at what the request
    names (3.1). With `standing` the principal is looked up before: its power may be gone (R-43). A
    handler `runs` in a thread unless it is INLINE or AWAITED; with `commit` or `look_up`, it runs
    on the event loop whatever `runs` says, and must not ask the database.

    `returns` names the response member that holds what the handler returns; without it, what
    it returns are the members themselves, or None for the status only. With `commit`, the
    handler's result is not an answer but an item that is committed together with those of other
    requests, in one transaction; `look_up` does the same for what is only read. `shape` then makes
    of what they return what is answered. What is answered is an `answer` where the handler returns
    something else.

    Who succeeds with an action `of_devices` acts for the device that the request names, which has
    so been heard of (ADR 30).

    `errors` are what the handler and its services refuse with; those of the gate and of the shape
    of the params are added. They and the handler's docstring are for the documents. That they are
    true is tested.

    It goes `into` the registry of frames, or into that of what only REST has.
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
