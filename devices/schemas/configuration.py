"""Configuration entries on the wire (protocol, 4.7)."""

from typing import ClassVar, Self

from devicehive.protocol.columns import Out
from devices.models import Configuration


class ConfigurationOut(Out):
    published: ClassVar = "NumberedConfiguration"

    id: int | None
    name: str
    value: str
    entity_version: int

    @classmethod
    def of_put(cls, entry: Configuration) -> Self:
        """The answer to a put: without an id if the entry was just created (4.7)."""
        out = cls.of(entry)
        if entry.entity_version == 0:
            out.id = None
        return out


class UnnumberedConfiguration(Out):
    """An entry as REST has it."""

    published: ClassVar = "Configuration"

    name: str
    value: str
    entity_version: int
