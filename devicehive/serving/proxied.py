"""Requests as their clients made them, before proxies passed them on."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

SECURE = {"http": "https", "websocket": "wss"}
PLAIN = {"http": "http", "websocket": "ws"}
IS_SECURE = {"https": True, "wss": True, "http": False, "ws": False}


class ProxiedApplication:
    """Gives the application behind it the scheme and the path that the client sees.

    Here and nowhere else: daphne tells no scheme of a WebSocket, and the first of several that a
    request names, which anyone can make up; and whether proxies take PATH_PREFIX away is up to
    them.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        prefix = settings.PATH_PREFIX
        paths = paths_of(scope, prefix) if prefix else {}
        seen = {**scope, "scheme": scheme_of(scope), "root_path": prefix, **paths}
        await self.application(seen, receive, send)


def scheme_of(scope: Mapping[str, Any]) -> str:
    """What the last proxy says, if one is trusted; otherwise how this server was asked."""
    secure = IS_SECURE.get(scope.get("scheme", ""), False)
    if settings.TRUST_PROXY:
        told = dict(scope["headers"]).get(b"x-forwarded-proto", b"").decode("latin1")
        secure = IS_SECURE.get(told.rpartition(",")[2].strip().lower(), secure)
    schemes = SECURE if secure else PLAIN
    return schemes[scope["type"]]


def paths_of(scope: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The paths with PATH_PREFIX in front, whether or not a proxy took it away."""
    path = scope["path"]
    if path.startswith(f"{prefix}/"):
        return {}
    if path == prefix:
        path = ""
    # As long as it is not decoded, it is what was sent: a %2F divides nothing.
    raw = (scope.get("raw_path") or path.encode()) if path else b"/"
    return {"path": f"{prefix}{path or '/'}", "raw_path": prefix.encode() + raw}
