"""Networks: the groups of devices whose members users are (protocol, 5.8)."""

from django.db.models import QuerySet

from devicehive.protocol.permissions import Principal
from devices.models import Device, Network
from devices.refusals import NetworkRefusal
from devices.services import access
from devices.services.groups import Groups

_networks = Groups(
    Network,
    NetworkRefusal,
    visible=access.visible_networks,
    accessible=access.accessible_networks,
)

get = _networks.get
find = _networks.find
insert = _networks.insert
update = _networks.update
delete = _networks.delete
delete_with_devices = _networks.delete_with_devices


def devices_shown(principal: Principal, network: Network) -> QuerySet[Device]:
    """The devices that `network/get` shows: of the types the token lists, if it lists any."""
    devices = network.devices.order_by("id")
    limit = principal.device_types
    return devices.filter(limit.q("device_type_id")) if limit.ids else devices
