"""Networks and device types on the wire (protocol, 4.2 and 4.3)."""

from typing import TYPE_CHECKING, Self

import msgspec
from django.db.models import QuerySet

from devices.models import Device, DeviceType, Network
from devices.schemas.device import NestedDevice

if TYPE_CHECKING:
    pass


class GroupOut(msgspec.Struct, rename="camel"):
    """A network or a device type, as lists and users have it (4.2, 4.3)."""

    id: int
    name: str
    description: str | None

    @classmethod
    def of(cls, group: Network | DeviceType) -> Self:
        return cls(group.pk, group.name, group.description)


class GroupCreated(msgspec.Struct):
    id: int


class GroupWithDevices(GroupOut):
    devices: list[NestedDevice] = []

    @classmethod
    def including(cls, group: Network | DeviceType, devices: QuerySet[Device]) -> Self:
        out = cls.of(group)
        out.devices = NestedDevice.all_of(devices)
        return out
