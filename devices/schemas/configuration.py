"""Configuration entries on the wire (protocol, 4.7)."""

from typing import Self

import msgspec

from devices.models import Configuration


class ConfigurationOut(msgspec.Struct, rename="camel"):
    id: int | None
    name: str
    value: str
    entity_version: int

    @classmethod
    def of(cls, entry: Configuration) -> Self:
        return cls(entry.pk, entry.name, entry.value, entry.entity_version)

    @classmethod
    def of_put(cls, entry: Configuration) -> Self:
        """As `of`, but without the id of an entry that was just created (4.7)."""
        out = cls.of(entry)
        if entry.entity_version == 0:
            out.id = None
        return out
