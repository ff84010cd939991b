"""What commands and notifications have in common when they are stored."""

import secrets
from typing import Any

from devicehive.events import fanout
from devicehive.protocol.bodies import Body
from devicehive.protocol.columns import given
from devicehive.protocol.timestamps import now
from devices.services.access import Location


def new_message(device_id: str, location: Location, body: Body) -> dict[str, Any]:
    """The columns of a message that is stored now: the members of its body, and those that the
    server adds to any message."""
    moment = now()
    return {
        "number": new_message_id(),
        "device_id": device_id,
        "generation": location.generation,
        "network_id": location.network_id,
        "device_type_id": location.device_type_id,
        "timestamp": moment,
        "stored_at": moment,
        "origin": fanout.origin(),
        **given(body),
    }


def new_message_id() -> int:
    """A random id: 31 bits, as clients expect. The database refuses one that is taken."""
    return secrets.randbits(31)
