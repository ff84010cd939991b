"""The ASGI application: Django for HTTP, one consumer for every WebSocket path.

`manage.py serve` serves `router`; any other ASGI server serves `application`.
"""

import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlparse

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "devicehive.settings")
# Before the imports below, because this loads the apps and the models that handlers import.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  # see above
from channels.security.websocket import OriginValidator, WebsocketDenier  # noqa: E402  # see above
from django.conf import settings  # noqa: E402  # see above
from django.db.backends.signals import connection_created  # noqa: E402  # see above
from django.urls import re_path  # noqa: E402  # see above

from devicehive.orm.connections import limit_waiting  # noqa: E402  # see above
from devicehive.protocol.consumers import DeviceConsumer  # noqa: E402  # see above
from devicehive.protocol.rest import RestApplication, require_upgrade  # noqa: E402  # see above
from devicehive.protocol.routes import MOUNTS  # noqa: E402  # see above
from devicehive.serving import health  # noqa: E402  # see above
from devicehive.serving.hosted import HostedApplication  # noqa: E402  # see above
from devicehive.serving.http_queue import HttpQueue  # noqa: E402  # see above
from devicehive.serving.proxied import ProxiedApplication  # noqa: E402  # see above

PATHS = r"^(?:(?:dh/|api/)?websocket(?:/client|/device)?|client|device)/?$"
"""All paths of the WebSocket (1.1); they are equivalent."""
BELOW_A_MOUNT = rf"^(?:{'|'.join(mount[1:] for mount in MOUNTS)})(?:/|$)"


class DeviceOriginValidator(OriginValidator):
    """Accepts connections without an Origin, unlike Channels' validator: only browsers send one.

    Some firmware sends a plain word as Origin. ALLOWED_ORIGINS may list it as it is sent, which
    Channels' validator would not accept, because it is not a URL.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        origin = dict(scope["headers"]).get(b"origin")
        lets_in = origin is None or self.is_allowed(origin.decode("latin1"))
        await (self.application if lets_in else WebsocketDenier())(scope, receive, send)

    def is_allowed(self, origin: str) -> bool:
        if not {"*", origin}.isdisjoint(self.allowed_origins):
            return True
        try:
            return bool(self.validate_origin(urlparse(origin)))
        except ValueError:  # Such as `http://[`, or a port that is not a number.
            return False


async def refuse_path(scope: Any, receive: Any, send: Callable[[dict[str, Any]], Any]) -> None:
    """Answer a handshake for an unknown path with 404, where Channels' router would raise (500).

    Servers such as daphne can refuse a handshake only with 403.
    """
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b""})


router = ProxiedApplication(
    ProtocolTypeRouter(
        {
            "http": URLRouter(
                [
                    re_path(BELOW_A_MOUNT, RestApplication()),  # type: ignore[arg-type]  # Channels' routes lead to ASGI
                    re_path(PATHS, require_upgrade),  # type: ignore[arg-type]  # as above
                    re_path("^livez$", health.livez),  # type: ignore[arg-type]  # as above
                    re_path("^readyz$", health.readyz),  # type: ignore[arg-type]  # as above
                    re_path("", HttpQueue(django_application)),  # type: ignore[arg-type]  # as above
                ]
            ),
            "websocket": DeviceOriginValidator(
                URLRouter(
                    [
                        re_path(PATHS, DeviceConsumer.as_asgi()),
                        re_path("", refuse_path),  # type: ignore[arg-type]  # Channels' routes lead to ASGI
                    ]
                ),
                settings.ALLOWED_ORIGINS,
            ),
        }
    )
)
application = HostedApplication(router)
# Only in servers, which have to answer in time; a command such as a migration has to finish.
connection_created.connect(limit_waiting)
