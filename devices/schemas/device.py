"""Devices on the wire (protocol, 4.1)."""

from typing import ClassVar

import msgspec

from devicehive.protocol.bodies import Body, Params
from devicehive.protocol.columns import Out
from devicehive.protocol.shapes import NULL, Bool, Long, Obj, Str
from devices.schemas.limits import Name


class DeviceBody(Body):
    """The members of a device in a save; None means absent, for `data` too."""

    published: ClassVar = "DeviceUpdate"

    name: Name | None = None
    data: Obj = NULL
    network_id: Long | None = None
    device_type_id: Long | None = None
    is_blocked: Bool | None = None


class DeviceFilter(Params):
    """The filters of lists of devices, all of which a device must match (5.4.2)."""

    name: Str | None = None
    name_pattern: Str | None = None
    network_id: Long | None = None
    network_name: Str | None = None


class DeviceOut(Out):
    published: ClassVar = "Device"

    id: str
    name: str
    data: msgspec.Raw | None
    network_id: int
    device_type_id: int
    is_blocked: bool


class NestedDevice(Out):
    """A device within the network or type that was requested (4.1)."""

    id: str
    name: str
    data: msgspec.Raw | None
    is_blocked: bool
