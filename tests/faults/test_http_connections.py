"""HTTP connections that are held: half open, idle, or not read from."""

import json
import select
import socket
from contextlib import ExitStack
from pathlib import Path

from tests.faults.raw_http import raw_http, request
from tests.server import SECONDS, Server, StartServer, open_tcp

MANY = 1_000
MOST_BYTES_EACH = 40 * 1_024
MIB = 1 << 20


def test_half_open_connections_cost_little_and_hold_up_nobody(server: Server) -> None:
    with ExitStack() as stack:
        before = server.resident_bytes
        for _ in range(MANY):
            client = stack.enter_context(open_tcp(server))
            client.sendall(b"PUT /api/rest/device/half HTTP/1.1\r\nHost: ")
        with raw_http(server) as other:
            other.send(request(server, "device/count"))
            assert other.read()[0] == 200
        assert (server.resident_bytes - before) / MANY <= MOST_BYTES_EACH


def long_and_short(server: Server) -> bytes:
    """Requests for an answer of some hundred KB and for a short one."""
    return request(server, "swagger.json", login=None) + request(server, "device/count")


def test_long_answers_of_a_pipeline_come_whole_and_in_order(server: Server) -> None:
    with raw_http(server) as client:
        client.send(long_and_short(server) * 30)
        lengths = set()
        for _ in range(30):
            status, body, _ = client.read_whole()
            assert (status, json.loads(body)["openapi"]) == (200, "3.1.0")
            lengths.add(len(body))
            assert client.read()[1].keys() == {"count"}
    assert len(lengths) == 1


def peak_bytes(server: Server) -> int:
    """The most memory that it has had so far."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (peak,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(peak) * 1_024


def test_who_does_not_read_is_answered_little_and_then_dropped(start_server: StartServer) -> None:
    server = start_server(MAX_UNSENT_BYTES="65536", UNSENT_SECONDS="1")
    with raw_http(server) as client:
        client.send(long_and_short(server))  # What is made once is there.
        client.read_whole()
        client.read()
    before = peak_bytes(server)
    with open_tcp(server) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.sendall(request(server, "swagger.json", login=None) * 400)
        is_over = select.poll()
        is_over.register(deaf, 0)  # What has come is no event, but that the server has left is.
        assert is_over.poll(SECONDS * 1_000)
    assert peak_bytes(server) - before < 16 * MIB
    assert " bytes unread" in server.log
    with raw_http(server) as other:
        other.send(request(server, "device/count"))
        assert other.read()[0] == 200
