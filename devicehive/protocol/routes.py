"""What paths and methods of REST mean: a row each, with all that differs (REST 1.2 to 3.5).

`routes.py` of an app fills the table, as `handlers` fill the registry of actions.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cache, cached_property, wraps
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin
from urllib.parse import unquote

import msgspec

from devicehive.protocol.actions import Action, Caller, Target, registry, rest_registry
from devicehive.protocol.bodies import Params
from devicehive.protocol.http_messages import NO_CONTENT, Answer
from devicehive.protocol.paths import Path
from devicehive.protocol.permissions import Permission
from devicehive.protocol.refusals import HttpRefusal, ProtocolRefusal, Refusal, Refused
from devicehive.protocol.shapes import Timestamp
from devicehive.protocol.timestamps import parse_timestamp

Adapt = Callable[[Any], Any]
Handle = Callable[[Any, Any], Any]

MOUNTS = ("/api/rest", "/auth/rest", "/dh/rest")
"""Where the tree of paths hangs, each time the same (REST 1.2)."""
EVERY_MEMBER = "*"
ABSENT = (b"", b"null")

EVERYWHERE: Mapping[Refusal, Refusal] = {
    ProtocolRefusal.MALFORMED: ProtocolRefusal.INVALID_PARAMETERS
}
"""Refusals that no row of REST words as frames do."""


@dataclass(frozen=True, eq=False)
class Call:
    """A method of a path that means an action."""

    name: str
    _: KW_ONLY
    status: int = 200
    body: str | None = None
    """The member that the body is; EVERY_MEMBER: its members are those of the request."""
    no_body: "Refusal | Call | bytes | None" = None
    """What a missing body means: a refusal, once the gate is passed; another call; a body that it
    stands for; or, as None, a missing member, which the action judges."""
    defaults: Mapping[str, object] = field(default_factory=dict)
    """Members of the request that neither path nor query give."""
    adapt: Mapping[str, Adapt] = field(default_factory=dict)
    """What becomes of the text of a query member before the action reads it. Raises ValueError."""
    target: Target | None = None
    """What the gate looks at here, where frames have no target."""
    needs: Permission | None = None
    """What the caller needs here, where a frame needs something else."""
    check: Callable[[Any], None] | None = None
    """What judges the members here before anything is looked up, where frames are judged later.
    Raises Refused."""
    answer: Adapt | None = None
    """What becomes of the action's result before it is written; None: what frames tell of it. The
    documents have the type that it returns; None in it is an answer without content."""
    texts: Mapping[Refusal, Refusal] = field(default_factory=dict)
    """Refusals that REST words otherwise."""
    never: frozenset[Refusal] = frozenset()
    """Refusals of the action that no request here gets, for the documents."""
    waits: bool = False
    """Whether it is a poll: the action returns a `Polled`."""
    note: str = ""
    """What the documents say of it beyond what the action says of itself."""

    @cached_property
    def action(self) -> Action:
        action = rest_registry.get(self.name) or registry[self.name]
        return replace(
            action,
            handler=action.handler if self.check is None else _checked(action.handler, self.check),
            target=self.target or action.target,
            needs=action.needs if self.needs is None else frozenset({self.needs}),
        )

    @cached_property
    def shape(self) -> Adapt:
        return self.answer or self.action.shape or _as_it_is

    def read_query(self, query: Mapping[str, str]) -> dict[str, object]:
        """The members of the request that a query gives, none where they are those of the body.

        Raises Refused.
        """
        if self.body == EVERY_MEMBER:
            return {}
        kinds = _kinds(self.action.params)
        return {
            name: self._read(name, text, kinds[name])
            for name, text in query.items()
            if name in kinds
        }

    def _read(self, name: str, text: str, kind: tuple[object, ...]) -> object:
        """A member from its text: lists are separated by commas."""
        try:
            if Timestamp in kind and text:
                parse_timestamp(text)
            if name in self.adapt:
                return self.adapt[name](text)
        except ValueError:
            if Timestamp in kind:
                raise HttpRefusal.UNPARSEABLE_TIMESTAMP() from None
            raise ProtocolRefusal.INVALID_PARAMETERS() from None
        if set in kind or list in kind:
            return [part for part in text.split(",") if part]
        return text

    def read_absence(self, body: bytes) -> tuple["Call", bytes]:
        """The call and the body that are meant: others if the body is missing or null.

        Raises Refused.
        """
        if self.body is None or body.strip() not in ABSENT:
            return self, body
        if isinstance(self.no_body, Call):
            return self.no_body, b""
        if isinstance(self.no_body, Refusal):
            raise self.no_body()
        return self, self.no_body or b""

    def read_body(self, body: bytes) -> dict[str, object]:
        """The members of the request that a body gives. Raises Refused for what is no object."""
        if not body:
            return {}
        try:
            if self.body == EVERY_MEMBER:
                return dict(msgspec.json.decode(body, type=dict[str, msgspec.Raw]))
            return {str(self.body): msgspec.json.decode(body, type=msgspec.Raw)}
        except (msgspec.DecodeError, RecursionError):
            raise ProtocolRefusal.INVALID_PARAMETERS() from None

    def write(self, result: Any) -> Answer:
        """The answer that tells a result. Without any content it is a 204."""
        content = None if self.status == NO_CONTENT else self.shape(result)
        return Answer(NO_CONTENT) if content is None else Answer.of(self.status, content)

    def word(self, refused: Refused) -> Refused:
        """A refusal of the action in the words of REST."""
        if refused.refusal is None:
            return refused
        worded = self.worded(refused.refusal)
        if worded is refused.refusal:
            return refused
        told = worded(*refused.values)
        told.cause = refused.cause
        return told

    def worded(self, refusal: Refusal) -> Refusal:
        return self.texts.get(refusal) or EVERYWHERE.get(refusal) or refusal


class Text(Call):
    """A call whose result is a text for people."""

    def write(self, result: Any) -> Answer:
        return Answer(self.status, result.encode(), ((b"content-type", b"text/plain"),))


def _checked(handler: Handle, check: Callable[[Any], None]) -> Handle:
    """The handler, behind a check of the members."""

    @wraps(handler)
    def check_and_handle(caller: Caller, params: Any) -> Any:
        check(params)
        return handler(caller, params)

    return check_and_handle


def _as_it_is(result: Any) -> Any:
    return result


@cache
def _kinds(params: type[Params]) -> dict[str, tuple[object, ...]]:
    """The types that each member of a request may have, by its name on the wire."""
    return {
        field.encode_name: tuple(map(_plain, _alternatives(field.type)))
        for field in msgspec.structs.fields(params)
    }


def _plain(kind: Any) -> object:
    """A type without its elements and without its limits."""
    limited = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return get_origin(limited) or limited


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if isinstance(kind, UnionType) or get_origin(kind) is Union else (kind,)


class Route(NamedTuple):
    """A path, and what its methods mean."""

    path: Path
    methods: Mapping[str, Call]


class Found(NamedTuple):
    """A route, and the members that the path gives."""

    methods: Mapping[str, Call]
    members: dict[str, str]


routes: list[Route] = []
_alike: defaultdict[tuple[int, str | None], list[Route]] = defaultdict(list)
"""The same rows, by the number of their segments and the first, which is a literal in each."""


def path(text: str, **methods: Call) -> None:
    """Add a row. Its place does not matter: a literal segment wins over a member."""
    if any(route.path.text == text for route in routes):
        raise ValueError(f"two rows for the path {text}")
    route = Route(Path.of(text), methods)
    segments = route.path.segments
    for rows in routes, _alike[len(segments), segments[0].literal]:
        rows.append(route)
        rows.sort(key=lambda route: route.path.precedence)


def match(raw_path: str) -> Found | None:
    """The route of a path below a mount, still percent-encoded; a slash at its end is nothing."""
    parts = [unquote(part) for part in raw_path.strip("/").split("/")]
    for route in _alike.get((len(parts), parts[0]), ()):
        members = route.path.match(parts)
        if members is not None:
            return Found(route.methods, members)
    return None
