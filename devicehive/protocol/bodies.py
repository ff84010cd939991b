"""The objects in requests: which members are required, and how a missing one is refused.

A shape says it once: `network_id: Needed[Long, NetworkRefusal.ID_REQUIRED]`. The check, the type
that handlers see (`int`, never None) and the documents are derived from it. Members are checked in
the order in which the class names them.
"""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
from msgspec import inspect

from devicehive.protocol.refusals import ProtocolRefusal, Refusal
from devicehive.protocol.shapes import check_object

__all__ = [
    "Body",
    "CheckedLater",
    "Needed",
    "Params",
    "check_needed",
    "refusals_by_member",
    "refusals_of",
]

T = TypeVar("T")

CheckedLater = Annotated[T | None, msgspec.Meta(extra={"needed": True})]
"""A required member whose absence is refused by a service instead: because the service has to look
something up first, or because one text names several missing members."""

if TYPE_CHECKING:
    # The type checker sees the bare type, because no handler ever sees None.
    from typing import Annotated as Needed
else:

    class Needed:
        """`Needed[Long, refusal]` is a Long whose absence, or null, is answered with `refusal`."""

        def __class_getitem__(cls, stated: tuple[Any, Refusal]) -> Any:
            kind, refusal = stated
            return Annotated[kind | None, msgspec.Meta(extra={"needed": True, "refusal": refusal})]


class _AbsentIsNone(msgspec.StructMeta):
    """Gives `Needed` members the default None; without it msgspec would refuse a missing member as
    malformed."""

    def __new__(
        mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> Any:
        for member, kind in namespace.get("__annotations__", {}).items():
            marks = getattr(kind, "__metadata__", ())
            if any(mark.extra and "refusal" in mark.extra for mark in marks):
                namespace.setdefault(member, None)
        return super().__new__(mcls, name, bases, namespace, **options)


class Body(msgspec.Struct, rename="camel", kw_only=True, metaclass=_AbsentIsNone):
    """An object in a request: members are in camelCase, null means absent, and unknown members are
    ignored."""

    def __post_init__(self) -> None:
        for member in objects_of(type(self)):
            check_object(getattr(self, member))


class Params(Body):
    """The members of a request that an action reads. Raises Refused when one is missing."""

    def __post_init__(self) -> None:
        super().__post_init__()
        # Only here, in the outermost object: members of a wrong type have to be refused first.
        check_needed(self)


def check_needed(body: Body) -> None:
    """Raise the refusal of the first `Needed` member that is missing, in the order of the shape."""
    for member, refusal in _needed(type(body)):
        value = getattr(body, member)
        if value is not None:
            if isinstance(value, Body):
                check_needed(value)
        elif refusal is not None:
            raise refusal()


def refusals_of(shape: type[Body]) -> Iterator[Refusal]:
    """The refusals of requests of this shape before any handler is called, except MALFORMED."""
    for field in _fields(shape):
        refusal = _extra(field, "refusal")
        if refusal is not None:
            yield refusal
        if _extra(field, "object"):
            yield ProtocolRefusal.NOT_AN_OBJECT
        inner = _body_in(field.type)
        if inner is not None:
            yield from refusals_of(inner)


def refusals_by_member(shape: type[Body]) -> dict[str, Refusal]:
    """The refusals of missing members, by the names of the members on the wire."""
    marked = {field.encode_name: _extra(field, "refusal") for field in _fields(shape)}
    return {name: refusal for name, refusal in marked.items() if refusal is not None}


@cache
def _needed(shape: type[Body]) -> tuple[tuple[str, Refusal | None], ...]:
    """The members to check: those that are `Needed`, and objects that have such members."""
    return tuple(
        (field.name, refusal)
        for field in _fields(shape)
        if (refusal := _extra(field, "refusal")) or _needs_any(_body_in(field.type))
    )


def _needs_any(shape: type[Body] | None) -> bool:
    return shape is not None and bool(_needed(shape))


@cache
def objects_of(shape: type[Body]) -> tuple[str, ...]:
    """The names of the members that are JSON objects and kept as text."""
    return tuple(field.name for field in _fields(shape) if _extra(field, "object"))


def _fields(shape: type[Body]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(shape)
    assert isinstance(info, inspect.StructType)
    return info.fields


def _extra(field: inspect.Field, key: str) -> Any:
    extra = field.type.extra if isinstance(field.type, inspect.Metadata) else None
    return (extra or {}).get(key)


def _body_in(info: inspect.Type) -> type[Body] | None:
    """The shape of the object in a member, or None if its type is not a `Body`."""
    match info:
        case inspect.Metadata():
            return _body_in(info.type)
        case inspect.UnionType():
            return next(filter(None, map(_body_in, info.types)), None)
        case inspect.StructType() if issubclass(info.cls, Body):
            return info.cls
    return None
