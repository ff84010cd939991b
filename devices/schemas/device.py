"""Devices on the wire (protocol, 4.1)."""

from typing import TYPE_CHECKING, Self

import msgspec
from django.db.models import QuerySet

from devicehive.protocol.bodies import Body, Params
from devicehive.protocol.shapes import NULL, Bool, Long, Obj, Str
from devices.models import Device
from devices.schemas.limits import Name

if TYPE_CHECKING:
    from devices.services.device_table import DeviceRow


class DeviceBody(Body):
    """What a save says about a device; None is "not given", for `data` too."""

    name: Name | None = None
    data: Obj = NULL
    network_id: Long | None = None
    device_type_id: Long | None = None
    is_blocked: Bool | None = None


class DeviceFilter(Params):
    """Which devices are asked for: those that match all that is given (5.4.2)."""

    name: Str | None = None
    name_pattern: Str | None = None
    network_id: Long | None = None
    network_name: Str | None = None


class DeviceOut(msgspec.Struct, rename="camel"):
    id: str
    name: str
    data: msgspec.Raw | None
    network_id: int
    device_type_id: int
    is_blocked: bool

    @classmethod
    def of(cls, device: "Device | DeviceRow") -> Self:
        return cls(
            device.id,
            device.name,
            None if device.data is None else msgspec.Raw(device.data),
            device.network_id,
            device.device_type_id,
            device.is_blocked,
        )


class NestedDevice(msgspec.Struct, rename="camel"):
    """A device within the network or type that was asked for (4.1)."""

    id: str
    name: str
    data: msgspec.Raw | None
    is_blocked: bool

    @classmethod
    def all_of(cls, devices: QuerySet[Device]) -> list[Self]:
        # Rows, not models: for 50,000 devices 0.1 s of CPU instead of 0.5, which everything
        # else in the process would wait for.
        return [
            cls(id_, name, None if data is None else msgspec.Raw(data), is_blocked)
            for id_, name, data, is_blocked in devices.values_list(
                "id", "name", "data", "is_blocked"
            )
        ]
