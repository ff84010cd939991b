"""Commands to devices and notifications from them (protocol, 4.5 and 4.6).

They store their device, network and type as plain values, not as foreign keys: a message describes
its time, outlives what it names, and is deleted by age alone (`prune`).
"""

from django.db import models
from django.db.models import Index, Q, UniqueConstraint

from devicehive.orm.fields import CodePointCharField
from devicehive.protocol.timestamps import now
from devices.models.device import LONGEST_DEVICE_ID

NOT_TOLD = Q(origin__isnull=True)
"""Messages that a management command stored. Every process looks for them each second."""
OF_A_SAVE = Q(network_id__isnull=True)
"""Notifications of saves, which name no network. There is one for each save; they are kept for
minutes and never replayed, so they have fewer indexes."""
BY_A_DEVICE = Q(network_id__isnull=False)
"""All other notifications."""


class Message(models.Model):
    """What commands and notifications share. `id` gives the order of insertion and is internal;
    `number` is the id on the wire, random and unique for a device."""

    number = models.IntegerField()
    device_id = CodePointCharField(max_length=LONGEST_DEVICE_ID)
    generation = models.BigIntegerField(default=0)
    """The generation of the device."""
    network_id = models.BigIntegerField(null=True)
    device_type_id = models.BigIntegerField(null=True)
    timestamp = models.DateTimeField()
    parameters = models.TextField(null=True)
    stored_at = models.DateTimeField()
    """When it was inserted or last updated, by the database's clock, which all servers share."""
    origin = models.BigIntegerField(null=True)
    """The server process that stored it and told its own subscribers; null for a management
    command, which tells nobody, so that every process has to look for its messages."""

    class Meta:
        abstract = True


class Command(Message):
    command = CodePointCharField()
    last_updated = models.DateTimeField()
    user_id = models.BigIntegerField()
    lifetime = models.IntegerField(null=True)
    status = CodePointCharField(null=True)  # type: ignore[misc]  # typed as never null
    result = models.TextField(null=True)
    inserted_at = models.DateTimeField(default=now)
    """`stored_at` and, below, `origin` as they were before any update. They are needed to find a
    command whose insertion was missed."""
    inserted_by = models.BigIntegerField(null=True)
    updates = models.IntegerField(default=0)
    """How often it was updated, which tells one update from the next."""

    class Meta:
        constraints = (
            UniqueConstraint(fields=["device_id", "number"], name="command_number_of_device"),
        )
        indexes = (
            Index(fields=["device_id", "timestamp", "id"], name="command_by_device"),
            Index(fields=["timestamp", "id"], name="command_by_time"),
            Index(fields=["stored_at"], name="command_by_age"),
            Index(fields=["stored_at"], condition=NOT_TOLD, name="command_not_told"),
        )

    def __str__(self) -> str:
        return f"{self.command} to {self.device_id}"


class Notification(Message):
    notification = CodePointCharField()

    class Meta:
        constraints = (
            UniqueConstraint(
                fields=["device_id", "number"],
                condition=BY_A_DEVICE,
                name="notification_number_of_device",
            ),
        )
        indexes = (
            Index(fields=["device_id", "timestamp", "id"], name="notification_by_device"),
            Index(fields=["timestamp", "id"], condition=BY_A_DEVICE, name="notification_by_time"),
            Index(fields=["stored_at"], name="notification_by_age"),
            Index(fields=["stored_at"], condition=OF_A_SAVE, name="notification_of_save_by_age"),
            Index(fields=["stored_at"], condition=NOT_TOLD, name="notification_not_told"),
        )

    def __str__(self) -> str:
        return f"{self.notification} from {self.device_id}"
