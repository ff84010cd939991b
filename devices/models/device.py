"""Devices (protocol, 4.1)."""

import secrets

from django.db import models
from django.db.models import CheckConstraint, Q

from devicehive.orm.fields import CodePointCharField
from devices.models.constraints import data_check, length_check
from devices.models.groups import LONGEST_NAME, DeviceType, Network

DEVICE_ID_CHARACTERS = "a-zA-Z0-9-"
LONGEST_DEVICE_ID = 48


def new_generation() -> int:
    return secrets.randbits(63)


class Device(models.Model):
    """`id` is the device id of the wire, and the primary key: it never changes, it is what every
    request names, and a second unique index would cost every save."""

    id = CodePointCharField("device id", primary_key=True, max_length=LONGEST_DEVICE_ID)
    name = CodePointCharField(max_length=LONGEST_NAME)
    # JSON as text: numbers, order and nested nulls come back as they were sent, which
    # no JSON column does on either database.
    data = models.TextField(null=True, blank=True)
    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="devices")
    device_type = models.ForeignKey(DeviceType, on_delete=models.CASCADE, related_name="devices")
    is_blocked = models.BooleanField(default=False)
    generation = models.BigIntegerField(default=new_generation, db_default=0, editable=False)
    """A random number. It tells a device from an earlier one with the same id, which was deleted:
    the messages and subscriptions of the earlier one are not those of this one (6.6)."""

    class Meta:
        constraints = (
            length_check("id", 1, LONGEST_DEVICE_ID, "device_id_length"),
            CheckConstraint(
                condition=Q(id__consists_of=DEVICE_ID_CHARACTERS), name="device_id_characters"
            ),
            length_check("name", 1, LONGEST_NAME, "device_name_length"),
            data_check("device_data_object"),
        )
        indexes = (models.Index(fields=["name", "id"], name="device_by_name"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"
