"""The gate: check the caller (R-43) and what a request names (protocol, 3.1, steps 3 to 5).

It also has the checks that REST makes before it reads a body, because the gate runs first.
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
    """Raises Refused if the token gives no access to the named network, if any."""
    named = envelope.network_id
    if named is not None and not principal.networks.allows(named):
        raise ProtocolRefusal.ACCESS_DENIED()


def device_type(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused if the token gives no access to the named device type, if any."""
    named = envelope.device_type_id
    if named is not None and not principal.device_types.allows(named):
        raise ProtocolRefusal.ACCESS_DENIED()


def known_network(principal: Principal, envelope: Envelope) -> None:
    """Do what `network` does, and raise Refused if it does not exist (REST 2.5)."""
    network(principal, envelope)
    if envelope.network_id is not None:
        networks.check_known(envelope.network_id)


def known_device_type(principal: Principal, envelope: Envelope) -> None:
    """Do what `device_type` does, and raise Refused if it does not exist (REST 2.5)."""
    device_type(principal, envelope)
    if envelope.device_type_id is not None:
        device_types.check_known(envelope.device_type_id)


def known_user(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused if the user that the path names does not exist (REST 2.6)."""
    users.check_known(whole_number(_text(envelope.user_id), 64))


def known_command(principal: Principal, envelope: Envelope) -> None:
    """Do what `device` does, and raise Refused if the device or its command does not exist
    (REST 2.7). An id that is not a number is left to the action."""
    device(principal, envelope)
    with suppress(ValueError):
        number = whole_number(_text(envelope.command_id), 64)
        commands.get(principal, envelope.device_id or "", number)


def possible_entry(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused if no entry of the configuration can have the name (REST 2.3)."""
    configuration.check_name(_text(envelope.name))


def possible_device(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused if no device can have the named id (REST 2.4)."""
    if envelope.device_id is not None:
        check_device_id(envelope.device_id)


def device(principal: Principal, envelope: Envelope) -> None:
    """Raises Refused if the principal cannot see the named device, if any.

    With a token for everything this looks nothing up: the action itself says "not found".
    """
    if envelope.device_id is None or principal.opens_everything:
        return
    request = DeviceGet(principal, envelope.device_id)
    access.locate([request]).reach(request)


def _text(member: msgspec.Raw) -> str:
    """The text of a member that comes from the path."""
    return msgspec.json.decode(member, type=str)
