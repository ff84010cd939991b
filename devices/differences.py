"""What REST makes of results, and of the texts of a query, where frames have it otherwise.

The rows of `devices/routes.py` name these. What a function returns is what the documents say.
"""

import msgspec

from devicehive.protocol.shapes import whole_number
from devicehive.protocol.timestamps import MILLISECOND, parse_timestamp, timestamp_text
from devices.schemas.command import CommandOut
from devices.schemas.configuration import ConfigurationOut, UnnumberedConfiguration

MOST = 2**31 - 1


class Count(msgspec.Struct):
    count: int


def counted(count: int) -> Count:
    return Count(count)


def without_id(entry: ConfigurationOut) -> UnnumberedConfiguration:
    return UnnumberedConfiguration(entry.name, entry.value, entry.entity_version)


def whole(command: object) -> CommandOut:
    return CommandOut.of(command)


def alone(found: list[CommandOut]) -> CommandOut | None:
    return found[0] if found else None


def after(text: str) -> str:
    """The first moment that is later; empty is none."""
    return timestamp_text(parse_timestamp(text) + MILLISECOND) if text else ""


def before(text: str) -> str:
    """The last moment that is earlier; empty is none."""
    return timestamp_text(parse_timestamp(text) - MILLISECOND) if text else ""


def some(text: str) -> int:
    """How many to show: none for a negative number."""
    return max(whole_number(text, 32), 0)


def offset(text: str) -> int:
    """How many to leave out: all for a negative number."""
    number = whole_number(text, 32)
    return number if number >= 0 else MOST


def unless_empty(text: str) -> str | None:
    return text or None
