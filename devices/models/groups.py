"""Networks and device types: the groups of devices (protocol, 4.2 and 4.3)."""

from django.db import models

from devicehive.orm.fields import CodePointCharField
from devices.models.constraints import length_check

LONGEST_NAME = 128
LONGEST_DESCRIPTION = 128


class Network(models.Model):
    name = CodePointCharField(max_length=LONGEST_NAME, unique=True)
    description = models.CharField(max_length=LONGEST_DESCRIPTION, null=True, blank=True)

    class Meta:
        constraints = (length_check("name", 1, LONGEST_NAME, "network_name_length"),)

    def __str__(self) -> str:
        return self.name


class DeviceType(models.Model):
    name = CodePointCharField(max_length=LONGEST_NAME, unique=True)
    description = models.CharField(max_length=LONGEST_DESCRIPTION, null=True, blank=True)

    class Meta:
        constraints = (length_check("name", 1, LONGEST_NAME, "device_type_name_length"),)

    def __str__(self) -> str:
        return self.name
