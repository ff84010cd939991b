"""Who a connection acts for (protocol, 2.9)."""

from devicehive.protocol.actions import Caller
from devicehive.protocol.connections import Connection
from devicehive.protocol.sessions import sessions
from devices.services import open_connections, tokens


def authenticate(caller: Caller, token: str) -> None:
    """Make a caller act for the user of a token (2.9). Raises Refused."""
    had_lost, changes = caller.principal is None, sessions.changes
    principal = tokens.authenticate(token)
    caller.become(principal)
    if isinstance(caller, Connection) and (
        # What was read may be old, and subscriptions that had fallen silent go on.
        sessions.changes != changes or (had_lost and caller.subscriptions)
    ):
        known = open_connections.Known(principal.user_id, [caller])
        open_connections.refresh_connection(caller, known)
