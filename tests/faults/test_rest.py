"""REST on a real process, for clients that send what HTTP allows and what it does not."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.faults.raw_http import RawHttp, raw_http, request
from tests.server import Server, StartServer, open_tcp

MANY = 1_000
MOST_BYTES_EACH = 40 * 1_024
LAMP = json.dumps({"name": "Lamp"}).encode()


@pytest.fixture
def client(server: Server) -> Iterator[RawHttp]:
    with raw_http(server) as client:
        yield client


def put(server: Server, device_id: str, headers: str = "", body: bytes = LAMP) -> bytes:
    return request(server, f"device/{device_id}", method="PUT", headers=headers, body=body)


def test_requests_of_one_connection_are_answered_in_order(server: Server, client: RawHttp) -> None:
    ids = [f"pipelined-{number}" for number in range(20)]
    for id_ in ids:
        client.send(put(server, id_) + request(server, f"device/{id_}"))
    for id_ in ids:
        assert client.read("PUT") == (204, None)
        status, device = client.read()
        assert (status, device["id"]) == (200, id_)


def test_a_body_may_come_in_chunks(server: Server, client: RawHttp) -> None:
    head = request(server, "device/chunked", method="PUT", headers="Transfer-Encoding: chunked\r\n")
    client.send(head + b"3\r\n" + LAMP[:3] + b"\r\n")
    client.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(LAMP) - 3, LAMP[3:]))
    assert client.read("PUT") == (204, None)
    client.send(request(server, "device/chunked"))
    assert client.read()[1]["name"] == "Lamp"


def test_who_expects_to_go_on_is_told_to(server: Server, client: RawHttp) -> None:
    whole = put(server, "expecting", "Expect: 100-continue\r\n")
    head, body = whole[: -len(LAMP)], whole[-len(LAMP) :]
    client.send(head)
    assert client.socket.recv(1_024) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(body)
    assert client.read("PUT") == (204, None)


def test_what_has_no_body_says_so_and_the_connection_goes_on(
    server: Server, client: RawHttp
) -> None:
    client.send(put(server, "bodiless"))
    status, body, headers = client.read_whole("PUT")
    assert (status, body) == (204, b"")
    assert headers.keys().isdisjoint({"content-length", "transfer-encoding"})
    client.send(request(server, "device/bodiless", method="HEAD"))
    status, body, headers = client.read_whole("HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0
    client.send(request(server, "device/bodiless", method="OPTIONS", login=None))
    assert client.read("OPTIONS") == (200, None)
    client.send(request(server, "device/bodiless"))
    assert client.read()[1]["id"] == "bodiless"


def test_a_refusal_keeps_the_connection(server: Server, client: RawHttp) -> None:
    client.send(put(server, "broken", body=b"{"))
    assert client.read("PUT")[0] == 400
    client.send(request(server, "device", login=None))
    assert client.read()[0] == 401
    client.send(request(server, "nothing"))
    assert client.read() == (404, {"error": 404, "message": "HTTP 404 Not Found"})
    client.send(request(server, "info", login=None))
    assert client.read()[0] == 200


def test_a_token_may_be_long(server: Server, client: RawHttp) -> None:
    body = json.dumps(
        {"userId": 2, "actions": ["GetDevice"], "networkIds": list(range(1, 1_500))}
    ).encode()
    client.send(request(server, "token/create", method="POST", login="alice", body=body))
    status, tokens = client.read("POST")
    assert status == 201
    long = f"Authorization: Bearer {tokens['accessToken']}\r\n"
    assert len(long) > 8_000
    client.send(request(server, "device/count", login=None, headers=long))
    assert client.read()[0] == 200


def test_idle_connections_cost_little(server: Server) -> None:
    with ExitStack() as stack:
        before = server.resident_bytes
        for _ in range(MANY):
            client = RawHttp(stack.enter_context(open_tcp(server)))
            client.send(request(server, "info", login=None))
            assert client.read()[0] == 200
            client.stream.stream.close()
        assert (server.resident_bytes - before) / MANY <= MOST_BYTES_EACH


FORWARDED = "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: https\r\n"


def test_behind_a_proxy_that_ends_tls_the_websocket_is_secure(
    server: Server, start_server: StartServer
) -> None:
    for asked, scheme in (server, "ws"), (start_server(TRUST_PROXY="on"), "wss"):
        with raw_http(asked) as client:
            client.send(request(asked, "info", headers=FORWARDED))
            url = client.read()[1]["webSocketServerUrl"]
        assert url == f"{scheme}://{asked.address}/api/websocket"
