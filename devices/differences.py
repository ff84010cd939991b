"""What REST makes of results, and of the texts of a query, where frames have it otherwise.

The rows of `devices/routes.py` name these. What a function returns is what the documents say.
"""

from datetime import UTC, datetime

import msgspec

from devicehive.protocol.shapes import whole_number
from devicehive.protocol.timestamps import MILLISECOND, parse_timestamp, timestamp_text
from devices.schemas.command import CommandOut
from devices.schemas.configuration import ConfigurationOut, UnnumberedConfiguration

MOST = 2**31 - 1
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


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
    """The first moment that is later, or the last there is; empty is none."""
    if not text:
        return ""
    return timestamp_text(min(parse_timestamp(text), LAST - MILLISECOND) + MILLISECOND)


def before(text: str) -> str:
    """The last moment that is earlier, or the first there is; empty is none."""
    if not text:
        return ""
    return timestamp_text(max(parse_timestamp(text), FIRST + MILLISECOND) - MILLISECOND)


def some(text: str) -> int:
    """How many to show: none for a negative number."""
    return max(whole_number(text, 32), 0)


def offset(text: str) -> int:
    """How many to leave out: all for a negative number."""
    number = whole_number(text, 32)
    return number if number >= 0 else MOST


def unless_empty(text: str) -> str | None:
    return text or None
