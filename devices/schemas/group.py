"""Networks and device types on the wire (protocol, 4.2 and 4.3)."""

from typing import ClassVar, Self

import msgspec
from django.db.models import QuerySet

from devicehive.protocol.bodies import Body, Params
from devicehive.protocol.columns import Out
from devicehive.protocol.refusals import Refusal
from devicehive.protocol.shapes import Str
from devices.models import Device, DeviceType, Network
from devices.schemas.device import NestedDevice
from devices.schemas.limits import Description, Name


class GroupBody(Body):
    """The members of a network or device type in a request."""

    name: Name | None = None
    description: Description | None = None


class NetworkBody(GroupBody):
    published: ClassVar = "NetworkUpdate"


class DeviceTypeBody(GroupBody):
    published: ClassVar = "DeviceTypeUpdate"


class GroupFilter(Params):
    """The filters of lists of networks and device types, all of which must match (5.8.1)."""

    name: Str | None = None
    name_pattern: Str | None = None


class GroupOut(Out):
    """A network or a device type in lists and within users (4.2, 4.3)."""

    id: int
    name: str
    description: str | None


class NetworkOut(GroupOut):
    published: ClassVar = "Network"


class DeviceTypeOut(GroupOut):
    published: ClassVar = "DeviceType"


class Created(msgspec.Struct):
    id: int


class GroupWithDevices(GroupOut):
    devices: list[NestedDevice] = []

    @classmethod
    def including(
        cls, group: Network | DeviceType, devices: QuerySet[Device], *, too_many: Refusal
    ) -> Self:
        """A group with these devices. Raises Refused if they do not fit into an answer."""
        out = cls.of(group)
        out.devices = NestedDevice.of_all(devices, refusal=too_many)
        return out


class NetworkWithDevices(GroupWithDevices):
    """One network (5.8)."""


class DeviceTypeWithDevices(GroupWithDevices):
    """One device type (5.9)."""
