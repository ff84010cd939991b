"""The types of request members, as lenient as DeviceHive's (protocol, 1.7).

Each is what it says to the type checker and to handlers (`Long` is an int), and a converter to
msgspec, which calls `decode` for members of such a type. A ValueError or TypeError in it becomes a
`msgspec.ValidationError`, which the pipeline answers with 400 "Malformed Json received.".
"""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from devicehive.protocol.json_texts import is_readable, said_once
from devicehive.protocol.refusals import ProtocolRefusal
from devicehive.protocol.timestamps import TIMESTAMP, parse_timestamp

Obj = Annotated[msgspec.Raw, msgspec.Meta(extra={"object": True})]
"""A JSON object kept as the text it came in, so that no number or order in it ever changes."""

NULL = msgspec.Raw(b"null")

MOST_NESTED = 100


def check_object(value: msgspec.Raw) -> None:
    """Refuse anything but an object or null, objects nested deeper than MOST_NESTED, and those
    with numbers that no client could read.

    The limit is far below what Python's JSON parsers and the admin can read back.
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
    """The text of a checked object as it is stored, None for null."""
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
    """A JSON primitive as the text that JSON writes for it."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def whole_number(value: Any, bits: int) -> int:
    """A LONG or INT of 1.7. Raises TypeError or ValueError."""
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


# Each type stands here twice. msgspec asks `decode_member` only about types that it does not know,
# so what converts leniently has to be a class of its own. A handler gets what `decode` returned,
# a plain str, and that is what the type checker is told. Then msgspec checks the returned value by
# `isinstance(value, Str)`, and so the metaclass answers for the plain type. Subclasses of str and
# int would need no metaclass, but bool can have none.
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

    # `schema` is what the documents ask clients to send; that more is accepted is for old ones.

    class Str(metaclass=_Lenient):
        python: ClassVar = str
        schema: ClassVar = {"type": "string"}

        @staticmethod
        def decode(value: Any) -> str:
            if not isinstance(value, str | int | float):
                raise TypeError("expected a string")
            if isinstance(value, str) and "\0" in value:
                # PostgreSQL cannot store it; SQLite could, and then cut it off in C.
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
            if value == "":  # Go's client sends it for "none".
                return None
            return parse_timestamp(value if isinstance(value, str) else whole_number(value, 64))


def decode_member(kind: Any, value: Any) -> Any:
    """msgspec's hook for the types above."""
    return kind.decode(value)
