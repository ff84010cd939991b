"""The ASGI application: Django for HTTP, one consumer for every WebSocket path."""

import os
from collections.abc import Callable
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "devicehive.settings")
# Before the imports below: it loads the apps, and they the models that handlers import.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  # see above
from channels.security.websocket import OriginValidator  # noqa: E402  # see above
from django.conf import settings  # noqa: E402  # see above
from django.urls import re_path  # noqa: E402  # see above

from devicehive.protocol.consumers import DeviceConsumer  # noqa: E402  # see above

PATHS = r"^(?:(?:dh/|api/)?websocket(?:/client|/device)?|client|device)/?$"
"""Every path of the protocol, 1.1; they all mean the same."""


class DeviceOriginValidator(OriginValidator):
    """Lets in connections without an Origin, which only browsers send; Channels' does not."""

    def valid_origin(self, parsed_origin: object) -> bool:
        return parsed_origin is None or bool(self.validate_origin(parsed_origin))


async def refuse(scope: object, receive: object, send: Callable[[dict[str, str]], Any]) -> None:
    """Ends a handshake for any other path with 403; Channels' router would raise: 500."""
    await send({"type": "websocket.close"})


application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": DeviceOriginValidator(
            URLRouter(
                [
                    re_path(PATHS, DeviceConsumer.as_asgi()),
                    re_path("", refuse),  # type: ignore[arg-type]  # Channels' routes lead to ASGI
                ]
            ),
            settings.ALLOWED_ORIGINS,
        ),
    }
)
