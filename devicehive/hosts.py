"""The host names and the path with which URLs of this server are written."""

from collections.abc import Sequence

from django.http.request import validate_host

HERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  # whatever a program listens on
"""By address that stands for all addresses: the one to reach the server from its own machine."""


WEBSOCKET_PATH = "/api/websocket"
"""The WebSocket path that is told to devices; all others are equivalent (`asgi.PATHS`)."""


def connecting_name(host: str) -> str:
    """The host in URLs for clients on the same machine, for a server that listens on `host`."""
    return HERE.get(host, f"[{host}]" if ":" in host else host)


def browsing_name(host: str, allowed: Sequence[str]) -> str:
    """The host in URLs for browsers: one to which the admin answers by ALLOWED_HOSTS, `allowed`."""
    names = [connecting_name(host), "localhost"] if host in HERE else [connecting_name(host)]
    answered = [name for name in names if validate_host(name, allowed)]
    return (answered or [allowed[0].lstrip(".")] if allowed else names)[0]
