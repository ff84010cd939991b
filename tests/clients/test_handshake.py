"""Where and how a client may connect (protocol, 1.1 and 1.2)."""

import pytest
from websockets.exceptions import InvalidStatus

from tests.server import Server, StartServer

PATHS = [
    "/websocket",
    "/api/websocket",
    "/dh/websocket",
    "/client",
    "/device",
    "/websocket/client",
    "/websocket/device",
    "/api/websocket/client",
    "/api/websocket/device",
    "/dh/websocket/client",
    "/dh/websocket/device",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("ending", ["", "/", "?token=1", "/?a=b&c"])
def test_every_path_is_the_same_service(server: Server, path: str, ending: str) -> None:
    socket = server.connect(url=f"ws://{server.address}{path}{ending}")
    assert socket.ask("server/info")["status"] == "success"


@pytest.mark.parametrize("path", ["/", "/ws", "/api", "/api/websocket/other", "/websockets"])
def test_no_other_path_is(server: Server, path: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        server.connect(url=f"ws://{server.address}{path}")
    assert refusal.value.response.status_code == 404


def test_an_offered_subprotocol_is_not_selected(server: Server) -> None:
    socket = server.connect(subprotocols=["devicehive", "mqtt"])
    assert socket.connection.subprotocol is None
    assert socket.ask("server/info")["status"] == "success"


def test_a_client_ping_is_answered(server: Server) -> None:
    assert server.connect().connection.ping(b"payload").wait(10)


# A page in a file or a sandbox has the origin `null`; that of some packaged apps is `file://`.
# Firmware sends a word, or what it takes for its address.
@pytest.mark.parametrize(
    "origin",
    ["https://anywhere.example", "null", "file://", "esp8266", "http://", "http://a:b", "http://["],
)
def test_any_origin_may_connect_by_default(server: Server, origin: str) -> None:
    socket = server.connect(origin=origin)
    assert socket.ask("server/info")["status"] == "success"


def test_only_listed_origins_may_connect_if_there_is_a_list(start_server: StartServer) -> None:
    server = start_server(ALLOWED_ORIGINS="https://panel.example,esp8266")
    assert server.connect().ask("server/info")["status"] == "success"
    for listed in ("https://panel.example", "esp8266"):
        assert server.connect(origin=listed).ask("server/info")["status"] == "success"
    for other in ("https://other.example", "null", "esp32", "http://[", "https://panel.example:b"):
        with pytest.raises(InvalidStatus) as refusal:
            server.connect(origin=other)
        assert refusal.value.response.status_code == 403


def test_the_server_address_is_as_the_client_wrote_it(server: Server) -> None:
    info = server.connect(url=f"ws://{server.address}/dh/websocket").ask("server/info")["info"]
    assert info["restServerUrl"] == f"http://{server.address}/dh/rest"
