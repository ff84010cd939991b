"""Presence on the wire, an addition to DeviceHive's protocol (ADR 30)."""

from datetime import datetime
from typing import Annotated, ClassVar, Self

import msgspec
from msgspec import Meta

from devicehive.protocol.shapes import Bool, Int
from devicehive.protocol.timestamps import TimestampText, timestamp_text
from devices.models import Device, Presence
from devices.schemas.device import DeviceFilter

SilentFor = Annotated[
    Int, Meta(extra_json_schema={"minimum": 1, "description": "heard of, but not for so long"})
]
"""Seconds."""


class PresenceFilter(DeviceFilter):
    """The filters of lists of presence, all of which a device must match."""

    connected: Bool | None = None
    silent_seconds: SilentFor | None = None
    heard: (
        Annotated[Bool, Meta(extra_json_schema={"description": "whether it ever was heard of"})]
        | None
    ) = None


class PresenceOut(msgspec.Struct, rename="camel", kw_only=True):
    published: ClassVar = "Presence"

    device_id: str
    connected: bool = False
    since: TimestampText | None = None
    last_heard: TimestampText | None = None
    silent: bool = False
    address: str | None = None
    user_id: int | None = None

    @classmethod
    def of(cls, device: Device) -> Self:
        """The presence of a device that was read by `services.presence`."""
        there: Presence | None = getattr(device, "there", None)
        return cls(device_id=device.id) if there is None else cls.of_row(there)

    @classmethod
    def of_row(cls, presence: Presence) -> Self:
        return cls(
            device_id=presence.device_id,
            connected=presence.is_connected,
            since=_text(presence.since),
            last_heard=_text(presence.heard_at),
            silent=presence.is_silent,
            address=presence.address or None,
            user_id=presence.user_id,
        )


class PresenceChanged(PresenceOut, kw_only=True):
    """The presence of a device in a push to subscribers, with the change."""

    change: Annotated[
        str, Meta(extra_json_schema={"enum": [each.value for each in Presence.Change]})
    ] = ""

    @classmethod
    def of_row(cls, presence: Presence) -> Self:
        changed = super().of_row(presence)
        changed.change = presence.change
        return changed


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else timestamp_text(moment)
