"""Events of presence: a device connected, disconnected, fell silent or was heard from again."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from devicehive.events.event import Event, origin_of
from devicehive.events.pushes import push
from devices.models import OF_DEVICE, Device, Presence
from devices.schemas.presence import PresenceChanged
from devices.services.topics import device_topic, topics_at

PRESENCE_UPDATED = push(
    "presence/update",
    PresenceChanged,
    "A device was connected, was disconnected, fell silent, or was heard of again, as `change` "
    "says. What changes back within a few seconds is not told.",
    shown_by="presence/subscribe",
)


def of_presence(stored: Presence, device: Device) -> Event:
    """The last change of the presence of a device."""
    moment = stored.stored_at
    return Event(
        action=PRESENCE_UPDATED,
        member="presence",
        name=stored.change,
        topics=topics_at(
            device.network_id,
            device.device_type_id,
            device=device_topic(device.id, device.generation),
        ),
        key=f"p:{device.id}/{stored.change}/{moment and moment.timestamp()}",
        body=msgspec.Raw(msgspec.json.encode(PresenceChanged.of_row(stored))),
        origin=stored.origin,
        stored_at=moment,
    )


def missed_presence(process: int, since: datetime) -> Iterator[Sequence[Event]]:
    """The last change of each device that a process has recorded since a moment."""
    stored_by = origin_of(process)
    changed = Presence.objects.filter(OF_DEVICE, stored_at__gte=since, origin=stored_by)
    found = changed.select_related("device").defer("device__data").order_by("stored_at")
    yield [msgspec.structs.replace(of_presence(each, each.device), is_late=True) for each in found]
