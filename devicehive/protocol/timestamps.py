"""Reads and writes the timestamps of the protocol (protocol, 7.1)."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Annotated

import msgspec

TIMESTAMP = {"type": "string", "format": "timestamp", "examples": ["2026-01-31T12:00:00.000"]}
TimestampText = Annotated[str, msgspec.Meta(extra_json_schema=TIMESTAMP)]
"""The type of a text made by `timestamp_text`, for schemas."""

ISO_8601 = re.compile(
    r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
RFC_1123 = re.compile(
    r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} (GMT|UTC?|[+-]\d{4})", re.ASCII
)


def parse_timestamp(value: str | int) -> datetime:
    """Read a timestamp in any of the forms of 7.1: ISO 8601 with `T`, RFC 1123, epoch milliseconds.

    Raises ValueError.
    """
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


MILLISECOND = timedelta(milliseconds=1)
"""The resolution of timestamps on the wire."""


class _Clock:
    ahead = timedelta()
    """How far the shared clock is ahead of this host's clock; see `devicehive.orm.clock`."""


def get_ahead() -> timedelta:
    return _Clock.ahead


def set_ahead(ahead: timedelta) -> None:
    _Clock.ahead = ahead


def now() -> datetime:
    """The server's time in whole milliseconds. All code takes the time from here (7.1)."""
    moment = datetime.now(UTC) + _Clock.ahead
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def timestamp_text(moment: datetime) -> str:
    """Write `yyyy-MM-ddTHH:mm:ss.SSS` in UTC, without a zone: DeviceHive's client for Go fails on
    any other layout (7.1)."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
