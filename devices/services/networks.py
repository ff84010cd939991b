"""Networks: the groups of devices whose members users are (protocol, 5.8)."""

from django.conf import settings
from django.db.models import QuerySet

from devicehive.protocol.permissions import Principal
from devices.models import Device, Network
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
)

get = _networks.get
find = _networks.find
insert = _networks.insert
update = _networks.update
delete = _networks.delete
delete_with_devices = _networks.delete_with_devices


def devices_shown(principal: Principal, network: Network) -> QuerySet[Device]:
    """The devices that `network/get` shows: those that are visible (R-39).

    In compatible mode all of the types that the token lists, if it lists any (R-50).
    """
    devices = network.devices.order_by("id")
    if not settings.COMPATIBLE_MODE:
        return access.visible_devices(principal, devices)
    limit = principal.device_types
    return devices.filter(limit.q("device_type_id")) if limit.ids else devices
