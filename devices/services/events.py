"""Events of commands, notifications and presence: what is pushed, to whom, and what was missed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec
from django.db.models import QuerySet

from devicehive.events.event import EVERYTHING, Event, origin_of
from devicehive.events.pushes import push
from devicehive.protocol.permissions import Permission
from devices.models import Command, Device, Notification
from devices.models.messages import Message
from devices.schemas.command import CommandOut
from devices.schemas.notification import NotificationOut
from devices.services.access_events import missed_access_changes
from devices.services.message_lists import of_stored_devices
from devices.services.presence_events import PRESENCE_UPDATED, missed_presence
from devices.services.topics import command_topic, device_topic, topics_at

COMMAND_INSERTED = push(
    "command/insert", CommandOut, "A command was inserted, and you listen to new ones."
)
COMMAND_UPDATED = push(
    "command/update", CommandOut, "A command was updated, and you listen to updates."
)
NOTIFICATION_INSERTED = push(
    "notification/insert",
    NotificationOut,
    "A notification was inserted. `$device-add` and `$device-update`, which have neither network "
    "nor type, are pushed only to subscriptions without any limit.",
)

NEEDED_TO_HEAR = {
    COMMAND_INSERTED: Permission.GET_DEVICE_COMMAND,
    COMMAND_UPDATED: Permission.GET_DEVICE_COMMAND,
    NOTIFICATION_INSERTED: Permission.GET_DEVICE_NOTIFICATION,
    PRESENCE_UPDATED: Permission.GET_DEVICE,
}
"""The permission that each event requires."""


class Place(Protocol):
    """Where a device is."""

    @property
    def network_id(self) -> int: ...
    @property
    def device_type_id(self) -> int: ...


SLICE_EVENTS = 500
"""Events read from the database at a time."""


def of_notification(stored: Notification) -> Event:
    return Event(
        action=NOTIFICATION_INSERTED,
        member="notification",
        name=stored.notification,
        topics=_topics(stored),
        key=f"n:{stored.device_id}/{stored.number}",
        body=msgspec.Raw(msgspec.json.encode(NotificationOut.of(stored))),
        origin=stored.origin,
        stored_at=stored.stored_at,
    )


def of_command(stored: Command) -> Event:
    event = _of_command(stored, COMMAND_INSERTED, key=f"c:{stored.device_id}/{stored.number}")
    return msgspec.structs.replace(event, origin=stored.inserted_by, stored_at=stored.inserted_at)


def of_updated_command(stored: Command, device: Place | None = None) -> Event:
    """The event goes to those who can see the device where it is now (`device`, if known), which
    need not be where it was when the command was inserted (R-40)."""
    key = f"u:{stored.device_id}/{stored.number}#{stored.updates}"
    event = _of_command(stored, COMMAND_UPDATED, key=key)
    topics = event.topics
    if device is not None:
        topics = _topics_at(device.network_id, device.device_type_id, stored)
    topic = command_topic(stored.device_id, stored.generation, stored.number)
    return msgspec.structs.replace(event, topics=topics | {topic})


def _of_command(stored: Command, action: str, *, key: str) -> Event:
    return Event(
        action=action,
        member="command",
        name=stored.command,
        topics=_topics(stored),
        key=key,
        body=msgspec.Raw(msgspec.json.encode(CommandOut.of(stored))),
    )


def _topics(message: Message) -> frozenset[str]:
    """The topics of a message. A message about the registry itself, which names neither network nor
    type, goes only to subscriptions without any limit (6.3)."""
    if message.network_id is None or message.device_type_id is None:
        return frozenset({EVERYTHING})
    return _topics_at(message.network_id, message.device_type_id, message)


def _topics_at(network_id: int, device_type_id: int, message: Message) -> frozenset[str]:
    device = device_topic(message.device_id, message.generation)
    return topics_at(network_id, device_type_id, device=device)


def missed(process: int, since: datetime) -> Iterator[Sequence[Event]]:
    """The events that a process has stored since a moment, in order, SLICE_EVENTS at a time.
    Changes of access come first, so that nobody gets what they may not see any more.

    A command that was inserted and updated meanwhile is told of as it is now.
    """
    yield from missed_access_changes(process, since)
    recent = {"stored_at__gte": since}
    stored_by = origin_of(process)
    notifications = Notification.objects.filter(**recent, origin=stored_by)
    for part in _slices(notifications, _in_order(notifications)):
        yield [_late(of_notification(each), each.stored_at) for each in part]
    inserted = Command.objects.filter(**recent, inserted_at__gte=since, inserted_by=stored_by)
    for part in _slices(inserted, sorted(_in_order(inserted))):
        yield [_late(of_command(each), each.inserted_at) for each in part]
    updated = Command.objects.filter(**recent, origin=stored_by, updates__gt=0)
    for part in _slices(updated, _in_order(updated)):
        devices = Device.objects.in_bulk({each.device_id for each in part})
        yield [
            _late(of_updated_command(each, devices.get(each.device_id)), each.stored_at)
            for each in part
        ]
    yield from missed_presence(process, since)


def _late(event: Event, stored_at: datetime) -> Event:
    return msgspec.structs.replace(event, stored_at=stored_at, is_late=True)


def _in_order(rows: QuerySet[Any]) -> list[int]:
    # This uses the index of `stored_at`; ordered by `id` alone, SQLite would read every row.
    return list(rows.order_by("stored_at", "id").values_list("id", flat=True))


def _slices(rows: QuerySet[Any], ids: Sequence[int]) -> Iterator[list[Any]]:
    for start in range(0, len(ids), SLICE_EVENTS):
        found = of_stored_devices(rows).in_bulk(ids[start : start + SLICE_EVENTS])
        yield [found[id_] for id_ in ids[start : start + SLICE_EVENTS] if id_ in found]
