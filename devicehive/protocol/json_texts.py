"""What every client must be able to read in a stored object (protocol, R-34 and R-35).

An object is stored as the text it came in, and is looked at on each save: what costs more than a
microsecond or two is done only for texts that may need it.
"""

import json
import math
import re
from typing import Any

import msgspec

MOST_DIGITS = 308
"""Of an integer: the largest double has as many before its point."""

_EXPONENT = re.compile(rb"[eE]\+?[0-9]{3}")
_STRIDE = 100
_TWO_DIGITS = re.compile(rb"[0-9]{2}")
# Strings are matched to be passed over: what stands in them is no number.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|(-?[0-9]+)([.eE][-+.eE0-9]*)?')


def is_readable(text: bytes) -> bool:
    """Whether all numbers of a valid JSON text are ones that clients can hold: integers of up to
    MOST_DIGITS digits, and decimals that are finite doubles."""
    # Too large is only what has an exponent of three digits, or twice as many digits in a row as
    # a stride is long, of which it then meets two, one after the other.
    if not _EXPONENT.search(text) and not _TWO_DIGITS.search(text[::_STRIDE]):
        return True
    return all(_is_finite(whole, rest) for whole, rest in _TOKEN.findall(text) if whole)


def _is_finite(whole: bytes, rest: bytes) -> bool:
    if not rest:
        return len(whole.lstrip(b"-")) <= MOST_DIGITS
    return math.isfinite(float(whole + rest))


def said_once(text: bytes) -> bytes:
    """The text itself, or, if in any of its objects a member occurs twice, one in which each has
    its last value."""
    if text.count(b":") < 2:
        return text
    # Without repetition all members survive decoding, and with them their colons. An escaped one
    # would be another colon afterwards, and hide that one is lost.
    if b"\\u003" not in text and _survives(text):
        return text
    return _Repetitions(text).removed()


def _survives(text: bytes) -> bool:
    try:
        return msgspec.json.encode(msgspec.json.decode(text)).count(b":") == text.count(b":")
    except msgspec.ValidationError:
        # A number that is not readable, and was stored when nobody looked.
        return False


class _Number(str):
    """A number as it is written, so that it stays so."""

    __slots__ = ()


class _Repetitions:
    """The members of a valid JSON text that occur twice in their object."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.found = False

    def removed(self) -> bytes:
        last: Any = json.loads(
            self.text, object_pairs_hook=self._last, parse_int=_Number, parse_float=_Number
        )
        return _written(last).encode() if self.found else self.text

    def _last(self, members: list[tuple[str, Any]]) -> dict[str, Any]:
        last = dict(members)
        self.found |= len(last) != len(members)
        return last


def _written(value: Any) -> str:
    match value:
        case _Number():
            return value
        case dict():
            members = (f"{_written(name)}: {_written(each)}" for name, each in value.items())
            return "{" + ", ".join(members) + "}"
        case list():
            return "[" + ", ".join(map(_written, value)) + "]"
        case _:
            return json.dumps(value)
