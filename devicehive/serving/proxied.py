"""Restores the scheme and path of requests as clients sent them, before a proxy changed them."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

SECURE = {"http": "https", "websocket": "wss"}
PLAIN = {"http": "http", "websocket": "ws"}
IS_SECURE = {"https": True, "wss": True, "http": False, "ws": False}


class ProxiedApplication:
    """Sets the scheme and the path in the scope to those that the client sees.

    Nothing else does this. daphne gives no scheme for a WebSocket, and for a request the first of
    several values in the header, which any client can forge. A proxy may remove PATH_PREFIX or not.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        prefix = settings.PATH_PREFIX
        paths = paths_of(scope, prefix) if prefix else {}
        seen = {**scope, "scheme": scheme_of(scope), "root_path": prefix, **paths}
        await self.application(seen, receive, send)


def scheme_of(scope: Mapping[str, Any]) -> str:
    """The scheme that the last proxy says, if proxies are trusted; otherwise that of this
    request."""
    secure = IS_SECURE.get(scope.get("scheme", ""), False)
    if settings.TRUST_PROXY:
        told = dict(scope["headers"]).get(b"x-forwarded-proto", b"").decode("latin1")
        secure = IS_SECURE.get(told.rpartition(",")[2].strip().lower(), secure)
    schemes = SECURE if secure else PLAIN
    return schemes[scope["type"]]


def paths_of(scope: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The members `path` and `raw_path` with PATH_PREFIX, if a proxy has removed it."""
    path = scope["path"]
    if path.startswith(f"{prefix}/"):
        return {}
    if path == prefix:
        path = ""
    # `raw_path` is still percent-encoded, so that a %2F is no separator.
    raw = (scope.get("raw_path") or path.encode()) if path else b"/"
    return {"path": f"{prefix}{path or '/'}", "raw_path": prefix.encode() + raw}
