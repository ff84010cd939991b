"""What `isBlocked` keeps from happening (R-52): by default nothing, it is a mark that is shown."""

from django.conf import settings

from devicehive.protocol.permissions import Principal
from devices.models import Device
from devices.refusals import DeviceRefusal
from devices.services.access import Location


def check_not_blocked(principal: Principal, device: Device | Location) -> None:
    """Raises Refused for a device that is blocked, if that is enforced: only administrators write
    to it, tell for it, command it, and so unblock it."""
    if device.is_blocked and settings.ENFORCE_BLOCKED and not principal.is_admin:
        raise DeviceRefusal.BLOCKED()
