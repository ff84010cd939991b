"""The paths of the service (protocol, 1.1 and 5.1.1)."""

import re

import pytest

from devicehive.asgi import PATHS
from devicehive.protocol.consumers import _base_url

CONTEXTS = ["", "/api", "/dh"]
SERVED = [
    *(f"{context}/websocket{rest}" for context in CONTEXTS for rest in ("", "/client", "/device")),
    "/client",
    "/device",
]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("path", SERVED)
def test_every_path_leads_to_the_service(path: str, slash: str) -> None:
    assert re.match(PATHS, path[1:] + slash)


@pytest.mark.parametrize(
    "path", ["", "/", "/api", "/dh/", "/api/client", "/websockets", "/x/websocket", "/admin/client"]
)
def test_no_other_path_does(path: str) -> None:
    assert not re.match(PATHS, path[1:])


@pytest.mark.parametrize(
    ("path", "scheme", "url"),
    [
        ("/api/websocket", "ws", "http://hive.example:8000/api"),
        ("/dh/websocket/", "ws", "http://hive.example:8000/dh"),
        ("/dh/websocket/device", "wss", "https://hive.example:8000/dh"),
        ("/websocket", "ws", "http://hive.example:8000"),
        ("/client", "wss", "https://hive.example:8000"),
    ],
)
def test_the_url_of_the_service_is_that_of_the_handshake(path: str, scheme: str, url: str) -> None:
    scope = {"path": path, "scheme": scheme, "headers": [(b"host", b"hive.example:8000")]}
    assert _base_url(scope) == url
