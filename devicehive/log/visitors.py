"""Whom a line of the log is about."""

import secrets
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Self

from devicehive.log.bounds import Bound


@dataclass(slots=True, kw_only=True, eq=False)
class Visitor:
    """A client, as the log names it: that of a WebSocket for as long as it is open, or that of one
    HTTP request."""

    peer: str
    """Address and port; behind a proxy, the address that the proxy has seen."""
    connection: str | None = None
    """Tells the WebSockets of an address apart; None for an HTTP request."""
    user_id: int | None = None
    since: float = field(default_factory=monotonic)
    received: int = 0
    sent: int = 0
    refused: int = 0
    """Requests of it that were refused, whether or not a line tells of each."""
    bound: Bound | None = None
    """Of the lines about its refused requests; made with the first."""
    reasons: frozenset[str] = frozenset()
    """For which its requests were refused."""

    @classmethod
    def of(cls, scope: dict[str, Any]) -> Self:
        """The client of an ASGI scope."""
        is_socket = scope["type"] == "websocket"
        return cls(
            peer=peer_of(scope.get("client")),
            connection=secrets.token_hex(4) if is_socket else None,
        )

    @property
    def members(self) -> dict[str, object]:
        """What every line about it says."""
        return {"peer": self.peer, "connection": self.connection, "user": self.user_id}


VISITOR: ContextVar[Visitor | None] = ContextVar("VISITOR", default=None)
"""Whose request is worked on, also in the thread that does it; None for commands, and for what a
process does by itself."""


def note_user(user_id: int) -> None:
    """Say for whom the client of the request speaks from now on."""
    visitor = VISITOR.get()
    if visitor is not None:
        visitor.user_id = user_id


def peer_of(client: Any) -> str:
    """`192.0.2.1:4242`, `[2001:db8::1]:4242`; without a port where a proxy tells none."""
    if not client:
        return "unknown"
    host, port = client[0], client[1]
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}" if port else shown
