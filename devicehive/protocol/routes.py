"""The table of REST paths: which action each method of a path stands for, and how it differs from
the same action in a frame (REST 1.2 to 3.5).

The module `routes` of an app fills the table, as its `handlers` fill the registry of actions.
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
"""The prefixes of all paths. The paths below them are the same (REST 1.2)."""
EVERY_MEMBER = "*"
ABSENT = (b"", b"null")

EVERYWHERE: Mapping[Refusal, Refusal] = {
    ProtocolRefusal.MALFORMED: ProtocolRefusal.INVALID_PARAMETERS
}
"""Refusals that REST replaces by others in all rows."""


@dataclass(frozen=True, eq=False)
class Call:
    """A method of a path, which stands for an action."""

    name: str
    _: KW_ONLY
    status: int = 200
    body: str | None = None
    """The member of the request that the body is the value of; with EVERY_MEMBER, the members of
    the body are those of the request."""
    no_body: "Refusal | Call | bytes | None" = None
    """What to do without a body: refuse, once the gate is passed; do another call; read this body
    instead; or, with None, let the action deal with the missing member."""
    defaults: Mapping[str, object] = field(default_factory=dict)
    """Values for members of the request that none of path, body and query has."""
    adapt: Mapping[str, Adapt] = field(default_factory=dict)
    """By query member: converts its text before the action reads it. Raises ValueError."""
    target: Target | None = None
    """The target that the gate checks, for an action without one in frames."""
    needs: Permission | None = None
    """The permission that the caller needs, if it is another than in frames."""
    check: Callable[[Any], None] | None = None
    """Checks the members before anything is looked up, where frames are checked later. Raises
    Refused."""
    answer: Adapt | None = None
    """Converts the action's result to the content of the answer; None: as in frames. The documents
    show its return type. If it returns None, the answer has no content."""
    texts: Mapping[Refusal, Refusal] = field(default_factory=dict)
    """By refusal of the action: the one with which REST answers instead."""
    never: frozenset[Refusal] = frozenset()
    """Refusals of the action that do not occur here, for the documents."""
    waits: bool = False
    """Whether this is a poll: the action returns a `Polled`."""
    note: str = ""
    """A note for the documents, after the description of the action."""

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
        """The members of the request in the query. With EVERY_MEMBER the query is ignored.

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
        """A member from its text in the query; the elements of a list are separated by commas."""
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
        """The call and the body to go on with: `no_body` replaces them if the body is missing or
        null.

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
        """The members of the request in the body. Raises Refused for invalid JSON, and for anything
        but an object where its members are needed."""
        if not body:
            return {}
        try:
            if self.body == EVERY_MEMBER:
                return dict(msgspec.json.decode(body, type=dict[str, msgspec.Raw]))
            return {str(self.body): msgspec.json.decode(body, type=msgspec.Raw)}
        except (msgspec.DecodeError, RecursionError):
            raise ProtocolRefusal.INVALID_PARAMETERS() from None

    def write(self, result: Any) -> Answer:
        """The answer with a result; 204 if it has no content."""
        content = None if self.status == NO_CONTENT else self.shape(result)
        return Answer(NO_CONTENT) if content is None else Answer.of(self.status, content)

    def word(self, refused: Refused) -> Refused:
        """The refusal with which REST answers a refusal of the action."""
        if refused.refusal is None:
            return refused
        worded = self.worded(refused.refusal)
        if worded is refused.refusal:
            return refused
        told = worded(*refused.values)
        told.cause = refused.cause
        return told

    def worded(self, refusal: Refusal) -> Refusal:
        """The same for an entry of a catalogue."""
        return self.texts.get(refusal) or EVERYWHERE.get(refusal) or refusal


class Text(Call):
    """A call whose answer is plain text."""

    def write(self, result: Any) -> Answer:
        return Answer(self.status, result.encode(), ((b"content-type", b"text/plain"),))


def _checked(handler: Handle, check: Callable[[Any], None]) -> Handle:
    """The handler, with a check of the members before it."""

    @wraps(handler)
    def check_and_handle(caller: Caller, params: Any) -> Any:
        check(params)
        return handler(caller, params)

    return check_and_handle


def _as_it_is(result: Any) -> Any:
    return result


@cache
def _kinds(params: type[Params]) -> dict[str, tuple[object, ...]]:
    """The types that each member may have, by its name on the wire."""
    return {
        field.encode_name: tuple(map(_plain, _alternatives(field.type)))
        for field in msgspec.structs.fields(params)
    }


def _plain(kind: Any) -> object:
    """A type without its type arguments and without the limits in `Annotated`."""
    limited = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return get_origin(limited) or limited


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if isinstance(kind, UnionType) or get_origin(kind) is Union else (kind,)


class Route(NamedTuple):
    """A path and its methods."""

    path: Path
    methods: Mapping[str, Call]


class Found(NamedTuple):
    """The methods of the route for a path, and the members that the path contains."""

    methods: Mapping[str, Call]
    members: dict[str, str]


routes: list[Route] = []
_by_start: defaultdict[tuple[int, str | None], list[Route]] = defaultdict(list)
"""The same rows, by the number of segments and the first segment, which is always a literal."""


def path(text: str, **methods: Call) -> None:
    """Add a row. The order of rows does not matter: a literal segment wins over a member."""
    if any(route.path.text == text for route in routes):
        raise ValueError(f"two rows for the path {text}")
    route = Route(Path.of(text), methods)
    segments = route.path.segments
    for rows in routes, _by_start[len(segments), segments[0].literal]:
        rows.append(route)
        rows.sort(key=lambda route: route.path.precedence)


def match(raw_path: str) -> Found | None:
    """Find the route for a path below a mount, given percent-encoded. Slashes at its ends are
    ignored."""
    parts = [unquote(part) for part in raw_path.strip("/").split("/")]
    for route in _by_start.get((len(parts), parts[0]), ()):
        members = route.path.match(parts)
        if members is not None:
            return Found(route.methods, members)
    return None
