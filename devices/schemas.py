"""What resources look like on the wire (protocol, section 4)."""

from typing import Self

import msgspec

from devicehive.shapes import NULL, Body, Bool, Long, Obj, Str, check_object
from devices.models import Configuration, Device


class DeviceBody(Body):
    """What a save says about a device; None is "not given", for `data` too."""

    name: Str | None = None
    data: Obj = NULL
    network_id: Long | None = None
    device_type_id: Long | None = None
    is_blocked: Bool | None = None

    def __post_init__(self) -> None:
        check_object(self.data)


class DeviceOut(msgspec.Struct, rename="camel"):
    id: str
    name: str
    data: msgspec.Raw | None
    network_id: int
    device_type_id: int
    is_blocked: bool

    @classmethod
    def of(cls, device: Device) -> Self:
        return cls(
            device.id,
            device.name,
            None if device.data is None else msgspec.Raw(device.data),
            device.network_id,
            device.device_type_id,
            device.is_blocked,
        )


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
