"""Clients that close their sending side and read on: `printf ... | nc -N`, some firmware."""

import json
import socket

import pytest

from tests.factories import PASSWORD
from tests.faults.raw_http import RawHttp, raw_http, request
from tests.faults.raw_socket import raw_socket
from tests.server import Server, StartServer


def end(client: RawHttp) -> None:
    client.socket.shutdown(socket.SHUT_WR)


def test_all_that_was_asked_for_is_answered(server: Server) -> None:
    asked = [
        request(server, "device/ended", method="PUT", body=b'{"name":"Lamp"}'),
        request(server, "device/ended"),
        request(server, "device/nothing"),
        request(server, "swagger.json", login=None) * 9,
        b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /admin/login/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ]
    with raw_http(server) as client:
        client.send(b"".join(asked))
        end(client)
        statuses = [client.read_whole()[0] for _ in range(14)]
        assert statuses == [204, 200, 403, *[200] * 9, 200, 200]
        assert client.stream.read() == b""


def test_who_logs_in_is_answered(server: Server) -> None:
    body = json.dumps({"login": "bob", "password": PASSWORD}).encode()
    with raw_http(server) as client:
        client.send(request(server, "token", method="POST", login=None, body=body))
        end(client)
        status, tokens = client.read("POST")
        assert (status, sorted(tokens)) == (201, ["accessToken", "refreshToken"])
        assert client.stream.read() == b""


@pytest.mark.parametrize("rest", [b"", b"GET /livez HTTP/1.1\r\nHost: ", b"\r\n"])
def test_what_is_not_whole_is_not_waited_for(server: Server, rest: bytes) -> None:
    with raw_http(server) as client:
        client.send(request(server, "info", login=None) + rest)
        end(client)
        assert client.read()[0] == 200
        assert client.stream.read() == b""


def test_a_poll_is_over_for_whoever_waits_has_most_often_left(start_server: StartServer) -> None:
    server = start_server(WAITING_POLLS="1")
    poll = request(server, "device/command/poll?waitTimeout=60")
    for _ in range(3):
        with raw_http(server) as client:
            client.send(poll)
            end(client)
            assert client.read() == (200, [])
            assert client.stream.read() == b""


def test_a_connection_that_becomes_a_websocket_ends_as_one(server: Server) -> None:
    with raw_socket(server, "bob") as client:
        client.ask("server/info")
        client.socket.shutdown(socket.SHUT_WR)
        assert client.socket.recv(1) == b""
