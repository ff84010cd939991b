"""Names, addresses and the path of this server, as they are written into URLs."""

from collections.abc import Sequence

from django.http.request import validate_host

HERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  # whatever a program listens on
"""Where a server that listens on all addresses is reached from its own machine."""


WEBSOCKET_PATH = "/api/websocket"
"""The one of the paths of WebSockets that devices are told; all mean the same (`asgi.PATHS`)."""


def connecting_name(host: str) -> str:
    """The name in the URL of a server that listens on `host`, on the same machine."""
    return HERE.get(host, f"[{host}]" if ":" in host else host)


def browsing_name(host: str, allowed: Sequence[str]) -> str:
    """The name for a browser, where only those in `allowed` (ALLOWED_HOSTS) are answered to."""
    names = [connecting_name(host), "localhost"] if host in HERE else [connecting_name(host)]
    answered = [name for name in names if validate_host(name, allowed)]
    return (answered or [allowed[0].lstrip(".")] if allowed else names)[0]
