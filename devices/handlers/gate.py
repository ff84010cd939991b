"""The gate's look at what a request names (protocol, 3.1, steps 3 to 5)."""

from devicehive.protocol.actions import Envelope
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal
from devices.models import Device


def network(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused unless the network named, if any, is one that the token opens."""
    named = envelope.network_id
    if named is None or principal.all_networks:
        return
    if named not in (principal.network_ids or ()):
        raise ProtocolRefusal.ACCESS_DENIED()


def device_type(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused unless the device type named, if any, is one that the token opens."""
    named = envelope.device_type_id
    if named is None or principal.all_device_types:
        return
    if named not in (principal.device_type_ids or ()):
        raise ProtocolRefusal.ACCESS_DENIED()


def device(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused unless the device named, if any, is one the principal can reach.

    With a token for everything nothing is looked up: the action itself says "not found".
    """
    if envelope.device_id is None or (principal.all_networks and principal.all_device_types):
        return
    visible = Device.objects.visible_to(principal).filter(id=envelope.device_id).first()
    if (
        visible is None
        or not (principal.all_networks or principal.network_ids)
        or not (principal.all_device_types or principal.device_type_ids)
    ):
        raise ProtocolRefusal.ACCESS_DENIED()
