"""Commands and notifications as events: what is pushed, to whom, and what was missed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import QuerySet

from devicehive.subscriptions import EVERYTHING, Event
from devices.messages import CommandOut, NotificationOut, StoredCommand, StoredNotification
from devices.models import Command, Notification

COMMAND_INSERTED = "command/insert"
COMMAND_UPDATED = "command/update"
NOTIFICATION_INSERTED = "notification/insert"

SLICE = 500
"""Events read from the database at a time."""


def device_topic(id_: str, generation: int) -> str:
    """Of this very device: one that is saved anew under the same id has another topic (6.6)."""
    return f"device:{id_}/{generation}"


def network_topic(id_: int) -> str:
    return f"network:{id_}"


def device_type_topic(id_: int) -> str:
    return f"type:{id_}"


def of_notification(stored: StoredNotification) -> Event:
    notification = stored.out
    return Event(
        action=NOTIFICATION_INSERTED,
        member="notification",
        name=notification.notification,
        topics=_topics(notification, stored.generation),
        key=f"n:{notification.device_id}/{notification.id}",
        body=msgspec.Raw(msgspec.json.encode(notification)),
    )


def of_command(stored: StoredCommand) -> Event:
    return _of_command(stored, COMMAND_INSERTED, key=f"c:{stored.out.device_id}/{stored.out.id}")


def of_updated_command(stored: StoredCommand) -> Event:
    key = f"u:{stored.out.device_id}/{stored.out.id}#{stored.updates}"
    return _of_command(stored, COMMAND_UPDATED, key=key)


def _of_command(stored: StoredCommand, action: str, *, key: str) -> Event:
    return Event(
        action=action,
        member="command",
        name=stored.out.command,
        topics=_topics(stored.out, stored.generation),
        key=key,
        body=msgspec.Raw(msgspec.json.encode(stored.out)),
    )


def _topics(message: CommandOut | NotificationOut, generation: int) -> frozenset[str]:
    """Where subscriptions find a message. One about the registry itself, which names neither
    network nor type, is for those alone that are limited by nothing (6.3)."""
    if message.network_id is None or message.device_type_id is None:
        return frozenset({EVERYTHING})
    return frozenset(
        {
            EVERYTHING,
            device_topic(message.device_id, generation),
            network_topic(message.network_id),
            device_type_topic(message.device_type_id),
        }
    )


def missed(origin: int, since: datetime) -> Iterator[Sequence[Event]]:
    """What a process has stored since a moment, in order, SLICE at a time.

    Of a command that was inserted and updated meanwhile, both are told, as it is now.
    """
    recent = {"origin": origin, "stored_at__gte": since}
    for notifications in _slices(Notification.objects.filter(**recent)):
        yield [
            msgspec.structs.replace(
                of_notification(StoredNotification.of(each)), stored_at=each.stored_at
            )
            for each in notifications
        ]
    for commands in _slices(Command.objects.filter(**recent)):
        stored = [StoredCommand.of(each) for each in commands]
        yield [of_command(each) for each in stored]
        yield [of_updated_command(each) for each in stored if each.updates]


def _slices(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """In order of `id`, each slice a query of its own: the connection is not held between."""
    last = 0
    while part := list(rows.filter(id__gt=last).order_by("id")[:SLICE]):
        yield part
        last = part[-1].id
