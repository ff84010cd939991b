"""Checks that every client can read a JSON text that is stored (protocol, R-34 and R-35).

An object is stored as the text that the client sent, and checked on each save. So a check that
takes more than a microsecond or two is done only for texts that may need it.
"""

import json
import math
import re
from typing import Any

import msgspec

MOST_DIGITS = 308
"""The most digits of an integer: the largest double has as many."""

_EXPONENT = re.compile(rb"[eE]\+?[0-9]{3}")
_STRIDE = 100
_TWO_DIGITS = re.compile(rb"[0-9]{2}")
# Matches strings too, so that digits inside them are not taken for numbers.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|(-?[0-9]+)([.eE][-+.eE0-9]*)?')


def is_readable(text: bytes) -> bool:
    """Whether clients can represent all numbers of a valid JSON text: integers have at most
    MOST_DIGITS digits, and decimals are finite doubles."""
    # A number can be too large only if its exponent has three digits, or if it has at least two
    # strides of digits in a row: every hundredth character then includes two of them, side by side.
    if not _EXPONENT.search(text) and not _TWO_DIGITS.search(text[::_STRIDE]):
        return True
    return all(_is_finite(whole, rest) for whole, rest in _TOKEN.findall(text) if whole)


def _is_finite(whole: bytes, rest: bytes) -> bool:
    if not rest:
        return len(whole.lstrip(b"-")) <= MOST_DIGITS
    return math.isfinite(float(whole + rest))


def said_once(text: bytes) -> bytes:
    """The text without repeated members: if a member occurs twice in an object, only its last value
    is kept. A text without such members is returned unchanged."""
    if text.count(b":") < 2:
        return text
    # Decoding and encoding drops repeated members, and their colons with them. An escaped colon
    # would become a plain one and make up for one that was dropped.
    if b"\\u003" not in text and _survives(text):
        return text
    return _Repetitions(text).removed()


def _survives(text: bytes) -> bool:
    try:
        return msgspec.json.encode(msgspec.json.decode(text)).count(b":") == text.count(b":")
    except msgspec.ValidationError:
        # A number that msgspec cannot read, stored before numbers were checked.
        return False


class _Number(str):
    """A number as it is written in the text, so that its spelling does not change."""

    __slots__ = ()


class _Repetitions:
    """Removes members that occur twice in an object from a valid JSON text."""

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
