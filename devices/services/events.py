"""Commands and notifications as events: what is pushed, to whom, and what was missed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import QuerySet

from devicehive.subscriptions import EVERYTHING, Event
from devices.messages import CommandOut, NotificationOut
from devices.models import Command, Notification

COMMAND_INSERTED = "command/insert"
COMMAND_UPDATED = "command/update"
NOTIFICATION_INSERTED = "notification/insert"

SLICE = 500
"""Events read from the database at a time."""


def device_topic(id_: str) -> str:
    return f"device:{id_}"


def network_topic(id_: int) -> str:
    return f"network:{id_}"


def device_type_topic(id_: int) -> str:
    return f"type:{id_}"


def of_notification(notification: NotificationOut) -> Event:
    return Event(
        action=NOTIFICATION_INSERTED,
        member="notification",
        name=notification.notification,
        topics=_topics(notification),
        key=f"n:{notification.device_id}/{notification.id}",
        body=msgspec.Raw(msgspec.json.encode(notification)),
    )


def of_command(command: CommandOut) -> Event:
    return _of_command(command, COMMAND_INSERTED, key=f"c:{command.device_id}/{command.id}")


def of_updated_command(command: CommandOut) -> Event:
    # `lastUpdated` only ever grows, so it tells one update from the next.
    key = f"u:{command.device_id}/{command.id}@{command.last_updated}"
    return _of_command(command, COMMAND_UPDATED, key=key)


def _of_command(command: CommandOut, action: str, *, key: str) -> Event:
    return Event(
        action=action,
        member="command",
        name=command.command,
        topics=_topics(command),
        key=key,
        body=msgspec.Raw(msgspec.json.encode(command)),
    )


def _topics(message: CommandOut | NotificationOut) -> frozenset[str]:
    """Where subscriptions find a message. One about the registry itself, which names neither
    network nor type, is for those alone that are limited by nothing (6.3)."""
    if message.network_id is None or message.device_type_id is None:
        return frozenset({EVERYTHING})
    return frozenset(
        {
            EVERYTHING,
            device_topic(message.device_id),
            network_topic(message.network_id),
            device_type_topic(message.device_type_id),
        }
    )


def missed(since: datetime, origin: int) -> Iterator[Sequence[Event]]:
    """What others than `origin` have stored since a moment, in order, SLICE at a time.

    Of a command that was inserted and updated meanwhile, both are told, as it is now.
    """
    recent = {"stored_at__gte": since}
    for notification in _slices(Notification.objects.filter(**recent).exclude(origin=origin)):
        yield [of_notification(NotificationOut.of(each)) for each in notification]
    for commands in _slices(Command.objects.filter(**recent).exclude(origin=origin)):
        outs = [CommandOut.of(each) for each in commands]
        yield [of_command(out) for out in outs]
        yield [of_updated_command(CommandOut.of(each)) for each in commands if each.is_updated]


def _slices(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """In order of `id`, each slice a query of its own: the connection is not held between."""
    last = 0
    while part := list(rows.filter(id__gt=last).order_by("id")[:SLICE]):
        yield part
        last = part[-1].id
