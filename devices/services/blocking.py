"""What `isBlocked` prevents (R-52): by default nothing, it is only stored and shown."""

from django.conf import settings

from devicehive.protocol.permissions import Principal
from devices.models import Device
from devices.refusals import DeviceRefusal
from devices.services.access import Location


def check_not_blocked(principal: Principal, device: Device | Location) -> None:
    """Raises Refused for a blocked device if `ENFORCE_BLOCKED` is on: only administrators may save
    it, send notifications and commands of it, and unblock it."""
    if device.is_blocked and settings.ENFORCE_BLOCKED and not principal.is_admin:
        raise DeviceRefusal.BLOCKED()
