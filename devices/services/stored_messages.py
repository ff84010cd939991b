"""Stored commands and notifications, as events for those who begin to listen only later: the replay
of a subscription, and what a poll finds (protocol, 6.5, and REST 3.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from devicehive.events.event import Event
from devicehive.events.subscriptions import Requested
from devicehive.orm.compiled import many
from devicehive.protocol.answers import collect, few_at_a_time
from devices.models import Command, Notification
from devices.services import events
from devices.services.audiences import Audience
from devices.services.message_lists import of_stored_devices


@dataclass(frozen=True, kw_only=True)
class StoredMessages:
    """The messages that are pushed with one action."""

    action: str
    kind: str
    """The `type` of the subscriptions, and the column of the messages' names."""
    rows: QuerySet[Any]
    poll_column: str
    """The moment that the `timestamp` of a poll is compared with."""
    event: Callable[[Any], Event]
    """Makes an event of a message."""

    def heard_by(self, audience: Audience, requested: Requested) -> QuerySet[Any]:
        """The messages that a subscription would have heard of, in no order."""
        rows = self.rows.filter(audience.rows)
        if requested.device_id is None:
            rows = of_stored_devices(rows, audience.devices)
        if requested.names:
            rows = rows.filter(**{f"{self.kind}__among": many(requested.names)})
        return rows

    def events(self, rows: QuerySet[Any]) -> list[Event]:
        """The events of messages. Raises Refused for more than fits an answer (R-47)."""
        return collect(map(self.event, few_at_a_time(rows)), lambda each: len(bytes(each.body)))


NOTIFICATIONS = StoredMessages(
    action=events.NOTIFICATION_INSERTED,
    kind="notification",
    rows=Notification.objects.all(),
    poll_column="timestamp",
    event=events.of_notification,
)
COMMANDS = StoredMessages(
    action=events.COMMAND_INSERTED,
    kind="command",
    rows=Command.objects.all(),
    poll_column="timestamp",
    event=events.of_command,
)
UPDATED_COMMANDS = StoredMessages(
    action=events.COMMAND_UPDATED,
    kind="command",
    rows=Command.objects.filter(updates__gt=0),
    poll_column="last_updated",
    event=events.of_updated_command,
)

BY_ACTION = {each.action: each for each in (NOTIFICATIONS, COMMANDS, UPDATED_COMMANDS)}
