"""The gate's look at who asks (R-43) and at what a request names (protocol, 3.1, steps 3 to 5).

What REST looks for before it reads a body stands here too: the gate is all that goes before.
"""

from contextlib import suppress

import msgspec

from devicehive.protocol.actions import Envelope
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal
from devicehive.protocol.shapes import whole_number
from devices.services import (
    access,
    commands,
    configuration,
    device_types,
    networks,
    standing,
    users,
)
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


def known_network(principal: Principal, envelope: Envelope) -> None:
    """As `network`, and raises Refused for one that there is not (REST 2.5)."""
    network(principal, envelope)
    if envelope.network_id is not None:
        networks.check_known(envelope.network_id)


def known_device_type(principal: Principal, envelope: Envelope) -> None:
    """As `device_type`, and raises Refused for one that there is not (REST 2.5)."""
    device_type(principal, envelope)
    if envelope.device_type_id is not None:
        device_types.check_known(envelope.device_type_id)


def known_user(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused for a user that there is not (REST 2.6). Its path names one."""
    users.check_known(whole_number(_text(envelope.user_id), 64))


def known_command(principal: Principal, envelope: Envelope) -> None:
    """As `device`, and raises Refused for a device or a command of it that there is not (REST 2.7).
    What is no number is left to the action."""
    device(principal, envelope)
    with suppress(ValueError):
        number = whole_number(_text(envelope.command_id), 64)
        commands.get(principal, envelope.device_id or "", number)


def possible_entry(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused unless an entry of the configuration can have the name (REST 2.3)."""
    configuration.check_name(_text(envelope.name))


def possible_device(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused unless a device can have the id named (REST 2.4)."""
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


def _text(member: msgspec.Raw) -> str:
    """A member that a path gives."""
    return msgspec.json.decode(member, type=str)
