"""Device types: what kinds of devices there are, and who may use them (protocol, 5.9)."""

from django.db.models import QuerySet

from devicehive.protocol.permissions import Principal
from devices.models import Device, DeviceType
from devices.refusals import DeviceTypeRefusal
from devices.services import access
from devices.services.groups import Groups

_device_types = Groups(
    DeviceType,
    DeviceTypeRefusal,
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
    """The devices that `devicetype/get` shows: of the networks the token lists, if it lists any."""
    devices = device_type.devices.order_by("id")
    limit = principal.networks
    return devices.filter(limit.q("network_id")) if limit.ids else devices
