"""Device types: what kinds of devices there are, and who may use them (protocol, 5.9)."""

from django.conf import settings
from django.db.models import QuerySet

from devicehive.protocol.permissions import Principal
from devices.models import Device, DeviceType
from devices.refusals import DeviceTypeRefusal
from devices.services import access
from devices.services.groups import Groups
from devices.signals import device_types_changed

_device_types = Groups(
    DeviceType,
    DeviceTypeRefusal,
    changed=device_types_changed,
    visible=access.visible_device_types,
    accessible=access.accessible_device_types,
)

get = _device_types.get
find = _device_types.find
insert = _device_types.insert
update = _device_types.update
delete = _device_types.delete
delete_with_devices = _device_types.delete_with_devices


def devices_shown(principal: Principal, device_type: DeviceType) -> QuerySet[Device]:
    """The devices that `devicetype/get` shows: those that are visible (R-39).

    In compatible mode all of the networks that the token lists, if it lists any (R-50).
    """
    devices = device_type.devices.order_by("id")
    if not settings.COMPATIBLE_MODE:
        return access.visible_devices(principal, devices)
    limit = principal.networks
    return devices.filter(limit.q("network_id")) if limit.ids else devices
