"""The types of request members, as lenient as DeviceHive's (protocol, 1.7).

Each is what it says to the type checker and to handlers (`Long` is an int), and a converter to
msgspec, which calls `decode` for members of such a type. A ValueError or TypeError in it becomes a
`msgspec.ValidationError`, which the pipeline answers with 400 "Malformed Json received.".
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

import msgspec

from devicehive.protocol.refusals import ProtocolRefusal

Obj = msgspec.Raw
"""A JSON object kept as the text it came in, so that no number or order in it ever changes."""

NULL = msgspec.Raw(b"null")

T = TypeVar("T")
Needed = Annotated[T | None, msgspec.Meta(extra={"needed": True})]
"""A member that must be given. It says so in the documents; the action refuses its absence, in
the order and with the error of the protocol. That no request succeeds without it is tested."""

TIMESTAMP = {"type": "string", "format": "timestamp", "examples": ["2026-01-31T12:00:00.000"]}
TimestampText = Annotated[str, msgspec.Meta(extra_json_schema=TIMESTAMP)]
"""What `timestamp_text` makes."""

MOST_NESTED = 100


def check_object(value: Obj) -> None:
    """Refuse anything but an object or null, and objects nested deeper than MOST_NESTED.

    The limit is far below what Python's JSON parsers and the admin can read back.
    """
    text = bytes(value)
    if text == b"null":
        return
    if not text.startswith(b"{"):
        raise ProtocolRefusal.NOT_AN_OBJECT()
    if text.count(b"{") + text.count(b"[") > MOST_NESTED and depth(text) > MOST_NESTED:
        raise ProtocolRefusal.MALFORMED()


def object_text(value: Obj) -> str | None:
    """The text of a checked object, None for null."""
    text = bytes(value).decode()
    return None if text == "null" else text


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


def text_of(value: str | int | float) -> str:
    """A JSON primitive as the text that JSON writes for it."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def parse_timestamp(value: str | int) -> datetime:
    """A moment in any of the forms of 7.1: ISO 8601 with `T`, RFC 1123, epoch milliseconds."""
    try:
        if isinstance(value, int) or re.fullmatch(r"-?[0-9]+", value):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(value))
        if RFC_1123.fullmatch(value):
            moment = parsedate_to_datetime(value)
        elif ISO_8601.fullmatch(value):
            moment = datetime.fromisoformat(value)
        else:
            raise ValueError(f"no timestamp: {value}")
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"out of range: {value}") from None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


ISO_8601 = re.compile(
    r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
RFC_1123 = re.compile(
    r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (GMT|UTC?|[+-]\d{4})", re.ASCII
)


def now() -> datetime:
    """The server's clock, in the milliseconds that the wire has; the only one there is (7.1)."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def timestamp_text(moment: datetime) -> str:
    """`yyyy-MM-ddTHH:mm:ss.SSS`, UTC, no zone: Go's client fails on any other layout (7.1)."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


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


if TYPE_CHECKING:
    Str = str
    Long = int
    Int = int
    Bool = bool
    Timestamp = datetime
else:

    class _Lenient(type):
        # msgspec checks that what a converter returned is an instance of the declared type.
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
            return text_of(value)

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


class Body(msgspec.Struct, rename="camel", kw_only=True):
    """An object in a request: members in camelCase, null is absent, unknown members ignored."""


class Params(Body):
    """The members of a request that an action reads."""
