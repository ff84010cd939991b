"""Device types: what kinds of devices there are, and who may use them (protocol, 5.9)."""

from devices.models import DeviceType
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
    others=("network_id", lambda principal: principal.networks),
)

get = _device_types.get
check_known = _device_types.check_known
devices_shown = _device_types.devices_shown
find = _device_types.find
insert = _device_types.insert
update = _device_types.update
delete = _device_types.delete
delete_with_devices = _device_types.delete_with_devices
