"""Handshakes of small firmware and odd proxies: the protocol decides, not a library."""

import json

import pytest

from tests.faults.raw_socket import frame
from tests.server import Server, open_tcp

REQUEST = {
    "Host": "dh.example",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def shake(server: Server, line: str, headers: dict[str, str]) -> str:
    """Send a handshake; returns the head of the answer, and expects an echo after a 101."""
    request = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with open_tcp(server) as client, client.makefile("rb") as stream:
        client.sendall(f"{line}\r\n{request}\r\n".encode("latin1"))
        head = b"".join(iter(lambda: stream.readline().strip(b"\r\n"), b"")).decode("latin1")
        if head.startswith("HTTP/1.1 101 "):
            client.sendall(frame("nonsense"))
            length = stream.read(2)[1]
            assert b"Malformed Json received." in stream.read(length)
        else:
            # As REST tells errors, for who believes to speak it (REST 1.5).
            refused = json.loads(stream.read())
            status = int(head.split()[1])
            assert refused == {"error": status, "message": refused["message"] or None}
            assert "content-type: application/json" in head.lower()
        return head


@pytest.mark.parametrize(
    "odd",
    [
        {"Origin": "esp8266"},
        {"Origin": "\xfc"},
        {"Host": "dh.example:"},
        {"Host": "dh.example:http"},
        {"Host": "192.0.2.1:1"},
        {"Upgrade": "WebSocket"},
        {"Connection": "keep-alive, Upgrade"},
        {"Sec-WebSocket-Version": "8"},
        {"Sec-WebSocket-Key": "no base64, and short"},
        {"Sec-WebSocket-Protocol": "mqtt, mqtt"},
        {"Sec-WebSocket-Protocol": "\xe9"},
        {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits=99"},
        {"Sec-WebSocket-Extensions": ";;="},
        {"Daphne-Root-Path": "/api/websocket"},
        {"X-Forwarded-For": "nobody"},
        {"User-Agent": "\xff\xfe"},
    ],
    ids=str,
)
def test_what_the_protocol_does_not_look_at_is_no_reason_to_refuse(
    server: Server, odd: dict[str, str]
) -> None:
    assert shake(server, "GET /api/websocket HTTP/1.1", REQUEST | odd).startswith("HTTP/1.1 101 ")


@pytest.mark.parametrize(
    "target",
    [
        "/websocket#top",
        "/websocket?a=%ff&a",
        "http://dh.example/websocket",
        "/%77ebsocket",
        "//websocket",
    ],
)
def test_only_the_path_of_the_target_counts(server: Server, target: str) -> None:
    assert shake(server, f"GET {target} HTTP/1.1", REQUEST).startswith("HTTP/1.1 101 ")


@pytest.mark.parametrize(
    ("line", "headers", "answer"),
    [
        ("POST /websocket HTTP/1.1", REQUEST, "405 Method not allowed"),
        ("GET /websocket HTTP/1.1", REQUEST | {"Connection": "close"}, "400 "),
        ("GET /websocket HTTP/1.1", REQUEST | {"Sec-WebSocket-Key": ""}, "400 "),
        ("GET /websocket HTTP/1.1", REQUEST | {"Sec-WebSocket-Version": "7"}, "426 "),
        ("GET /nothing HTTP/1.1", REQUEST, "404 Not Found"),
        ("GET /api/rest/info HTTP/1.1", REQUEST, "404 Not Found"),
        ("GET /api/rest/info HTTP/1.1", {"Host": "x", "Upgrade": "websocket"}, "400 "),
    ],
    ids=["method", "connection", "key", "version", "path", "REST", "REST, no handshake"],
)
def test_what_makes_no_websocket_is_refused_and_ended(
    server: Server, line: str, headers: dict[str, str], answer: str
) -> None:
    assert shake(server, line, headers).startswith(f"HTTP/1.1 {answer}")
