"""When devices were there (ADR 30): beside them, never in their rows, which saves write."""

from django.db import models
from django.db.models import DO_NOTHING, F, Q

from devicehive.orm.fields import CodePointCharField
from devices.models.device import LONGEST_DEVICE_ID, Device
from devices.models.groups import DeviceType

LONGEST_PROCESS_NAME = 128
LONGEST_ADDRESS = 64
"""Characters; what a proxy calls an address may be longer, and is cut."""


class Presence(models.Model):
    """What is known of a device that was ever heard of."""

    class Change(models.TextChoices):
        CONNECTED = "connected"
        DISCONNECTED = "disconnected"
        SILENT = "silent"
        HEARD = "heard"
        """Of a device that had been silent."""

    # Not cascading: the row is not good for another device of the same id, which has another
    # generation, and is deleted with those that are too old. Django would load every device that is
    # deleted, and 100,000 with a network.
    device = models.OneToOneField(
        Device, primary_key=True, on_delete=DO_NOTHING, db_constraint=False, related_name="presence"
    )
    generation = models.BigIntegerField()
    """Of the device that was heard of."""
    is_connected = models.BooleanField(default=False)
    since = models.DateTimeField(null=True)
    """Since when it is connected, or not any more; null if it never was."""
    heard_at = models.DateTimeField(null=True)
    """In no index: PostgreSQL then writes it without touching any."""
    address = models.CharField(max_length=LONGEST_ADDRESS, default="")
    user_id = models.BigIntegerField(null=True)
    is_silent = models.BooleanField(default=False)
    """Whether subscribers were told that it is silent; nothing was heard of it since."""
    change = models.CharField(max_length=16, choices=Change, default="")
    """The last one that was told; with it, when it was stored and by which server process, as with
    messages."""
    stored_at = models.DateTimeField(null=True, db_index=True)
    origin = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "presence"

    def __str__(self) -> str:
        return f"presence of {self.device_id}"


OF_DEVICE = Q(generation=F("device__generation"))
"""Rows that are of the device which has the id now."""


class Attachment(models.Model):
    """Says that a server process has connections of a device, which is connected as long as there
    is one of these."""

    device_id = CodePointCharField(max_length=LONGEST_DEVICE_ID)
    process = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["device_id", "process"], name="attachment_of_process"),
        )

    def __str__(self) -> str:
        return f"{self.device_id} at {self.process}"


class ServerProcess(models.Model):
    """A server process that lives, or did so at its last beat."""

    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=LONGEST_PROCESS_NAME)
    """Host and pid, for people."""
    beat_at = models.DateTimeField()
    """By the clock of the database, which all have."""
    counted = models.TextField(default="", db_default="")
    """What it has counted for `/metrics`, as JSON."""

    def __str__(self) -> str:
        return self.name


class SilenceLimit(models.Model):
    """How long devices of a type may not be heard of, where that is not DEVICE_SILENT_SECONDS."""

    device_type = models.OneToOneField(
        DeviceType, primary_key=True, on_delete=models.CASCADE, related_name="silence"
    )
    seconds = models.PositiveIntegerField(
        help_text="A device of this type that is not heard of for so long has fallen silent; 0 for "
        "never. Without a limit here, DEVICE_SILENT_SECONDS counts."
    )

    class Meta:
        verbose_name = "limit of silence"
        verbose_name_plural = "limits of silence"

    def __str__(self) -> str:
        return f"{self.seconds} s"
