"""The gate's look at who asks (R-43) and at what a request names (protocol, 3.1, steps 3 to 5)."""

from devicehive.protocol.actions import Envelope
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal
from devices.services import access, standing
from devices.services.device_get import DeviceGet
from devices.services.device_save import check_device_id

renew = standing.renew


def network(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused unless the network named, if any, is one that the token opens."""
    named = envelope.network_id
    if named is not None and not principal.networks.allows(named):
        raise ProtocolRefusal.ACCESS_DENIED()


def device_type(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused unless the device type named, if any, is one that the token opens."""
    named = envelope.device_type_id
    if named is not None and not principal.device_types.allows(named):
        raise ProtocolRefusal.ACCESS_DENIED()


def possible_device(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused unless a device can have the id named: the only check of `device/save` that
    does not need its body, so REST makes it first (REST 2.4)."""
    if envelope.device_id is not None:
        check_device_id(envelope.device_id)


def device(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused unless the device named, if any, is one the principal can reach.

    With a token for everything nothing is looked up: the action itself says "not found".
    """
    if envelope.device_id is None or principal.opens_everything:
        return
    request = DeviceGet(principal, envelope.device_id)
    access.locate([request]).reach(request)
