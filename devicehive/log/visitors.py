"""The clients that log lines are about."""

import secrets
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Self

from devicehive.log.bounds import Bound


@dataclass(slots=True, kw_only=True, eq=False)
class Visitor:
    """A client in the log: that of a WebSocket while it is open, or that of one HTTP request."""

    peer: str
    """Address and port; behind a proxy, the client's address as the proxy sees it."""
    connection: str | None = None
    """A random id of a WebSocket; None for an HTTP request."""
    user_id: int | None = None
    since: float = field(default_factory=monotonic)
    received: int = 0
    sent: int = 0
    refused: int = 0
    """The number of its refused requests, logged or not."""
    bound: Bound | None = None
    """The rate limit of lines about its refused requests; made with the first of them."""
    reasons: frozenset[str] = frozenset()
    """All reasons for which its requests were refused."""

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
        """The members of every log line about this client."""
        return {"peer": self.peer, "connection": self.connection, "user": self.user_id}


VISITOR: ContextVar[Visitor | None] = ContextVar("VISITOR", default=None)
"""The client whose request is being handled, on the event loop and in threads; None in commands,
and for what a process does by itself."""


def note_user(user_id: int) -> None:
    """Set the user in all later log lines about the client of this request."""
    visitor = VISITOR.get()
    if visitor is not None:
        visitor.user_id = user_id


def peer_of(client: Any) -> str:
    """Format an address and port as `192.0.2.1:4242` or `[2001:db8::1]:4242`; without the port if a
    proxy does not send it."""
    if not client:
        return "unknown"
    host, port = client[0], client[1]
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}" if port else shown
