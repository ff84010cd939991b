"""Networks: groups of devices that users are members of (protocol, 5.8)."""

from devices.models import Network
from devices.refusals import NetworkRefusal
from devices.services import access
from devices.services.groups import Groups
from devices.signals import networks_changed

_networks = Groups(
    Network,
    NetworkRefusal,
    changed=networks_changed,
    visible=access.visible_networks,
    accessible=access.accessible_networks,
    others=("device_type_id", lambda principal: principal.device_types),
)

get = _networks.get
check_known = _networks.check_known
devices_shown = _networks.devices_shown
find = _networks.find
insert = _networks.insert
update = _networks.update
delete = _networks.delete
delete_with_devices = _networks.delete_with_devices
