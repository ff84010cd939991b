"""Plain HTTP, and what it may not take from devices."""

import tempfile
import threading
from pathlib import Path

import pytest

from tests.conftest import success
from tests.faults.raw_socket import raw_socket
from tests.server import Server, StartServer, open_tcp

MIB = 1 << 20


def ask(server: Server, request: bytes) -> bytes:
    """Send this and nothing more; returns all that comes until the server ends the connection."""
    with open_tcp(server) as client, client.makefile("rb") as stream:
        client.sendall(request)
        return stream.read()


HEAD = b"POST /livez HTTP/1.1\r\nHost: dh.example\r\n"
CHUNK = b"10000\r\n" + b"x" * 65_536 + b"\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        HEAD + b"Content-Length: 3000000000\r\n\r\n",
        HEAD + b"Content-Length: 3000000000\r\nExpect: 100-continue\r\n\r\n",
        HEAD + b"Content-Length: 3000000000\r\n\r\n" + b"x" * MIB,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNK * 17,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNK * 17 + b"0\r\n\r\n",
    ],
    ids=["announced", "asked for", "begun", "in chunks", "in chunks, complete"],
)
def test_a_body_that_is_too_long_is_refused_before_it_is_stored(
    server: Server, request_: bytes
) -> None:
    answer = ask(server, request_)
    assert answer == (
        b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    )


def test_a_body_of_one_mib_is_not(server: Server) -> None:
    head = HEAD.replace(b"POST", b"GET") + b"Connection: close\r\nContent-Length: 1048576\r\n\r\n"
    assert ask(server, head + b"x" * MIB).startswith(b"HTTP/1.1 200 OK")


def test_a_body_is_kept_in_memory(server: Server) -> None:
    with open_tcp(server) as client:
        client.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n" + b"x" * 999_999)
        with raw_socket(server, "bob") as other:
            other.ask("server/info")  # By now it has read some of that.
        files = [str(file.readlink()) for file in Path(f"/proc/{server.process.pid}/fd").iterdir()]
    assert [name for name in files if name.startswith(tempfile.gettempdir() + "/tmp")] == []


def test_a_head_that_comes_byte_by_byte_is_not_waited_for(server: Server) -> None:
    with open_tcp(server) as client, client.makefile("rb") as stream:
        client.sendall(b"GET /livez HTTP/1.1\r\nHost: ")
        stopping = threading.Event()

        def drip() -> None:
            while not stopping.wait(0.5):
                client.sendall(b"x")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            assert stream.read() == (
                b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            )
        finally:
            stopping.set()
            dripping.join()


def test_a_connection_that_says_nothing_is_not_kept(server: Server) -> None:
    assert ask(server, b"") == b""


def threads(server: Server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))


def test_a_flood_of_requests_makes_few_threads_and_is_told_to_wait(
    start_server: StartServer,
) -> None:
    server = start_server()
    with raw_socket(server, "bob") as client:
        client.ask("device/save", deviceId="beside", device={"name": "Beside"})
        before = threads(server)
        request = b"GET /admin/login/ HTTP/1.1\r\nHost: dh.example\r\nConnection: close\r\n\r\n"
        visitors = [open_tcp(server) for _ in range(200)]
        for visitor in visitors:
            visitor.sendall(request)
        answer = client.ask("device/save", deviceId="beside", device={"name": "Beside"})
        assert answer == success("device/save")
        assert client.ask("device/get", deviceId="beside")["status"] == "success"
        assert threads(server) <= before + 8
        statuses = []
        for visitor in visitors:
            with visitor, visitor.makefile("rb") as stream:
                statuses.append(stream.read().partition(b"\r\n")[0])
    assert set(statuses) == {b"HTTP/1.1 200 OK", b"HTTP/1.1 503 Service Unavailable"}
