"""What resources look like on the wire (protocol, section 4)."""

from typing import Self

import msgspec

from devices.models import Device


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
