"""Convert results and query texts for REST, where it differs from frames.

The rows of `devices/routes.py` name these functions. The documents describe their return types.
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
    """The next later timestamp, or the last possible one; "" stays empty."""
    if not text:
        return ""
    return timestamp_text(min(parse_timestamp(text), LAST - MILLISECOND) + MILLISECOND)


def before(text: str) -> str:
    """The next earlier timestamp, or the first possible one; "" stays empty."""
    if not text:
        return ""
    return timestamp_text(max(parse_timestamp(text), FIRST + MILLISECOND) - MILLISECOND)


def some(text: str) -> int:
    """How many rows to show: none for a negative number."""
    return max(whole_number(text, 32), 0)


def offset(text: str) -> int:
    """How many rows to skip: all for a negative number."""
    number = whole_number(text, 32)
    return number if number >= 0 else MOST


def unless_empty(text: str) -> str | None:
    return text or None
