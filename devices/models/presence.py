"""Presence of devices (ADR 30), in tables of its own, not in the rows that saves write."""

from django.db import models
from django.db.models import DO_NOTHING, F, Q

from devicehive.orm.fields import CodePointCharField
from devices.models.device import LONGEST_DEVICE_ID, Device
from devices.models.groups import DeviceType

LONGEST_PROCESS_NAME = 128
LONGEST_ADDRESS = 64
"""Characters; a longer text, which a proxy may send as an address, is cut."""


class Presence(models.Model):
    """The presence of a device that was ever heard from."""

    class Change(models.TextChoices):
        CONNECTED = "connected"
        DISCONNECTED = "disconnected"
        SILENT = "silent"
        HEARD = "heard"
        """A silent device was heard from again."""

    # Without a cascade, for which Django would load each deleted device, 100,000 with a network.
    # A row that is left over does not count for a later device with the same id, because its
    # generation differs, and pruning deletes it.
    device = models.OneToOneField(
        Device, primary_key=True, on_delete=DO_NOTHING, db_constraint=False, related_name="presence"
    )
    generation = models.BigIntegerField()
    """The generation of the device that was heard from."""
    is_connected = models.BooleanField(default=False)
    since = models.DateTimeField(null=True)
    """Since when it has been connected or disconnected; null if it never was connected."""
    heard_at = models.DateTimeField(null=True)
    """Without an index, so that PostgreSQL can write it without touching any index."""
    address = models.CharField(max_length=LONGEST_ADDRESS, default="")
    user_id = models.BigIntegerField(null=True)
    is_silent = models.BooleanField(default=False)
    """Whether subscribers were told that it is silent, and it was not heard from since."""
    change = models.CharField(max_length=16, choices=Change, default="")
    """The last change that was told. The next two columns say when and by which server process it
    was stored, as for messages."""
    stored_at = models.DateTimeField(null=True, db_index=True)
    origin = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "presence"

    def __str__(self) -> str:
        return f"presence of {self.device_id}"


OF_DEVICE = Q(generation=F("device__generation"))
"""The condition for rows about the device that has the id now."""


class Attachment(models.Model):
    """A record that a server process has connections of a device. The device is connected as long
    as there is one."""

    device_id = CodePointCharField(max_length=LONGEST_DEVICE_ID)
    process = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["device_id", "process"], name="attachment_of_process"),
        )

    def __str__(self) -> str:
        return f"{self.device_id} at {self.process}"


class ServerProcess(models.Model):
    """A server process that is alive, or was at its last beat."""

    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=LONGEST_PROCESS_NAME)
    """Host and pid, for people."""
    beat_at = models.DateTimeField()
    """The time of the last beat, by the clock of the database, which all processes share."""
    counted = models.TextField(default="", db_default="")
    """Its counts for `/metrics`, as JSON."""

    def __str__(self) -> str:
        return self.name


class SilenceLimit(models.Model):
    """How long devices of a type may be silent, if this differs from DEVICE_SILENT_SECONDS."""

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
