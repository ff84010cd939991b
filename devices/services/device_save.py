"""The request of a `device/save` (protocol, 5.4.5)."""

import re
from dataclasses import dataclass
from typing import Self

from devicehive.protocol.permissions import Principal
from devices.models import DEVICE_ID_CHARACTERS
from devices.refusals import DeviceRefusal
from devices.schemas.device import DeviceBody

DEVICE_ID = re.compile(f"[{DEVICE_ID_CHARACTERS}]+")


def check_device_id(device_id: str) -> None:
    """Check 6: letters, digits and dashes. Raises Refused."""
    if not DEVICE_ID.fullmatch(device_id):
        raise DeviceRefusal.ID_CHARACTERS()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSave:
    """A `device/save` by `principal` (5.4.5)."""

    principal: Principal
    device_id: str
    device: DeviceBody
    keeps_data: bool = False
    """Whether absent `data` keeps what is stored, as in files. On the wire it clears it (5.4.5)."""
    only_new: bool = False
    """Whether an existing device is refused, as in the admin's form for a new one. A device may
    register itself again."""

    @classmethod
    def of(cls, principal: Principal, device_id: str, device: DeviceBody | None) -> Self:
        """Make checks 6 and 7; the save makes those that need the database. Raises Refused."""
        check_device_id(device_id)
        if device is None:
            raise DeviceRefusal.EMPTY()
        return cls(principal=principal, device_id=device_id, device=device)
