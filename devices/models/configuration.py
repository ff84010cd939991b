"""The configuration of an installation (protocol, 4.7)."""

from django.db import models

from devicehive.orm.fields import CodePointCharField
from devices.models.constraints import length_check

LONGEST_CONFIGURATION_NAME = 32
LONGEST_CONFIGURATION_VALUE = 128


class Configuration(models.Model):
    """One entry: a name and a value, some of which the server itself reads (4.7)."""

    name = CodePointCharField(max_length=LONGEST_CONFIGURATION_NAME, unique=True)
    value = CodePointCharField(max_length=LONGEST_CONFIGURATION_VALUE)
    entity_version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name_plural = "configuration"
        constraints = (
            length_check("name", 1, LONGEST_CONFIGURATION_NAME, "configuration_name_length"),
            length_check("value", 1, LONGEST_CONFIGURATION_VALUE, "configuration_value_length"),
        )

    def __str__(self) -> str:
        return self.name
