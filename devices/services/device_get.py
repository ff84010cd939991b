"""The request of a `device/get`."""

from dataclasses import dataclass

from devicehive.protocol.permissions import Principal


@dataclass(frozen=True, slots=True)
class DeviceGet:
    """A `device/get` by `principal`, or another request that only has to find a device."""

    principal: Principal
    device_id: str
