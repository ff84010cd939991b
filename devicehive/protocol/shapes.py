"""The types of request members, which are read as leniently as DeviceHive does (protocol, 1.7).

For the type checker and for handlers, each is a plain type (`Long` is an int). For msgspec it is a
class whose `decode` converts the members of that type. A ValueError or TypeError in `decode`
becomes a `msgspec.ValidationError`, which is answered with 400 "Malformed Json received.".
"""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from devicehive.protocol.json_texts import is_readable, said_once
from devicehive.protocol.refusals import ProtocolRefusal
from devicehive.protocol.timestamps import TIMESTAMP, parse_timestamp

Obj = Annotated[msgspec.Raw, msgspec.Meta(extra={"object": True})]
"""A JSON object kept as the text that the client sent, so that the spelling of numbers and the
order of members never change."""

NULL = msgspec.Raw(b"null")

MOST_NESTED = 100


def check_object(value: msgspec.Raw) -> None:
    """Raise a refusal for anything but an object or null, for an object nested deeper than
    MOST_NESTED, and for one with numbers that clients cannot represent.

    MOST_NESTED is far below what Python's JSON parsers and the admin can read.
    """
    text = bytes(value)
    if text == b"null":
        return
    if not text.startswith(b"{"):
        raise ProtocolRefusal.NOT_AN_OBJECT()
    if text.count(b"{") + text.count(b"[") > MOST_NESTED and depth(text) > MOST_NESTED:
        raise ProtocolRefusal.MALFORMED()
    if not is_readable(text):
        raise ProtocolRefusal.MALFORMED()


def object_text(value: msgspec.Raw) -> str | None:
    """The text to store for an object that was checked; None for null."""
    text = bytes(value)
    return None if text == b"null" else said_once(text).decode()


def depth(text: bytes) -> int:
    """How deeply the arrays and objects of a valid JSON text are nested."""
    deepest = level = 0
    for bracket in re.findall(rb'"(?:[^"\\]|\\.)*"|[\[{\]}]', text):
        if bracket in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif bracket in b"]}":
            level -= 1
    return deepest


def primitive_text(value: str | int | float) -> str:
    """A string as it is, or a number or boolean as JSON writes it."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def whole_number(value: Any, bits: int) -> int:
    """Read a LONG (64 bits) or INT (32 bits) of 1.7. Raises TypeError or ValueError."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError("expected a number")
    if isinstance(value, str) and not re.fullmatch(r"[+-]?[0-9]{1,20}", value):
        raise ValueError("expected digits")
    number = int(value)
    if number != value and not isinstance(value, str):
        raise ValueError("expected a whole number")
    if not -(1 << bits - 1) <= number < 1 << bits - 1:
        raise ValueError("out of range")
    return number


# Each type is defined twice. msgspec calls `decode_member` only for types that it does not know, so
# a lenient type has to be a class of its own. A handler gets what `decode` returns, such as a plain
# str, so that is what the type checker sees. msgspec also checks the returned value by
# `isinstance(value, Str)`, so the metaclass has to accept the plain type. Subclasses of str and int
# would need no metaclass, but bool cannot be subclassed.
if TYPE_CHECKING:
    Str = str
    Long = int
    Int = int
    Bool = bool
    Timestamp = datetime
else:

    class _Lenient(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, cls.python)

    # `schema` is the form in the documents. Other forms are accepted for the sake of old clients.

    class Str(metaclass=_Lenient):
        python: ClassVar = str
        schema: ClassVar = {"type": "string"}

        @staticmethod
        def decode(value: Any) -> str:
            if not isinstance(value, str | int | float):
                raise TypeError("expected a string")
            if isinstance(value, str) and "\0" in value:
                # PostgreSQL cannot store NUL. SQLite can, but its C code cuts the text off there.
                raise ValueError("NUL character")
            return primitive_text(value)

    class Long(metaclass=_Lenient):
        python: ClassVar = int
        schema: ClassVar = {"type": "integer", "format": "int64"}

        @staticmethod
        def decode(value: Any) -> int:
            return whole_number(value, 64)

    class Int(metaclass=_Lenient):
        python: ClassVar = int
        schema: ClassVar = {"type": "integer", "format": "int32"}

        @staticmethod
        def decode(value: Any) -> int:
            return whole_number(value, 32)

    class Bool(metaclass=_Lenient):
        python: ClassVar = bool
        schema: ClassVar = {"type": "boolean"}

        @staticmethod
        def decode(value: Any) -> bool:
            if isinstance(value, str):
                return value.lower() == "true"
            if not isinstance(value, bool):
                raise TypeError("expected a boolean")
            return value

    class Timestamp(metaclass=_Lenient):
        python: ClassVar = datetime | None
        schema: ClassVar = TIMESTAMP

        @staticmethod
        def decode(value: Any) -> datetime | None:
            if value == "":  # DeviceHive's client for Go sends this for "none".
                return None
            return parse_timestamp(value if isinstance(value, str) else whole_number(value, 64))


def decode_member(kind: Any, value: Any) -> Any:
    """The `dec_hook` of msgspec for the types in this module."""
    return kind.decode(value)
