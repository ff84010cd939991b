"""Plain HTTP requests, and limits on what they can take from devices."""

import json
import tempfile
import threading
from pathlib import Path

import pytest

from tests.conftest import success
from tests.faults.raw_http import raw_http
from tests.faults.raw_socket import raw_socket
from tests.server import Server, StartServer, open_files, open_tcp

MIB = 1 << 20


def ask(server: Server, request: bytes) -> bytes:
    """Send this and nothing more; returns all that comes until the server ends the connection."""
    with open_tcp(server) as client, client.makefile("rb") as stream:
        client.sendall(request)
        return stream.read()


TOO_LONG = ": more than 16 KB, which a token has that lists many networks or device types"


def assert_refused(answer: bytes, status: str) -> None:
    """That it is what REST says on every error, with the leave to read it (REST 1.3 and 1.5)."""
    head, _, body = answer.partition(b"\r\n\r\n")
    line, *headers = head.decode().lower().split("\r\n")
    assert line == f"http/1.1 {status}".lower()
    message = f"HTTP {status}{TOO_LONG if status.startswith('431') else ''}"
    assert json.loads(body) == {"error": int(status.split()[0]), "message": message}
    assert f"content-length: {len(body)}" in headers
    assert {
        "connection: close",
        "content-type: application/json",
        "access-control-allow-origin: *",
    } <= set(headers)


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
    assert_refused(ask(server, request_), "413 Content Too Large")


LINE = b"GET /api/rest/info HTTP/1.1\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"nonsense\r\n\r\n", "400 Bad Request"),
        (b"nonsense\r\nHost: dh.example\r\n\r\n", "400 Bad Request"),
        (LINE + b"no colon\r\nHost: dh.example\r\n\r\n", "400 Bad Request"),
        (LINE + b"Host: dh.example\r\nHost: other.example\r\n\r\n", "400 Bad Request"),
        (LINE + b"\r\n", "400 Bad Request"),
        (b"GET nothing HTTP/1.1\r\nHost: dh.example\r\n\r\n", "400 Bad Request"),
        (b"GET * HTTP/1.1\r\nHost: dh.example\r\n\r\n", "400 Bad Request"),
        (b"CONNECT dh.example:80 HTTP/1.1\r\nHost: dh.example\r\n\r\n", "400 Bad Request"),
        (LINE + b"Content-Length: minus\r\n\r\n", "400 Bad Request"),
        (LINE + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", "400 Bad Request"),
        (LINE + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "400 Bad Request"),
        (LINE + b"X: " + b"x" * 20_000 + b"\r\n\r\n", "431 Request Header Fields Too Large"),
        (LINE + b"X: x\r\n" * 5_000 + b"\r\n", "431 Request Header Fields Too Large"),
        (LINE + b"X: " + b"x" * 20_000, "431 Request Header Fields Too Large"),
    ],
    ids=[
        *(
            "no line",
            "no line, headers",
            "no header",
            "two hosts",
            "no host",
            "no path",
            "a star, but not of OPTIONS",
            "a tunnel",
            "no length",
            "two lengths",
            "no chunk",
        ),
        *("long header", "many headers", "endless header"),
    ],
)
def test_what_is_no_request_is_refused_in_words_of_rest(
    server: Server, request_: bytes, status: str
) -> None:
    assert_refused(ask(server, request_), status)


@pytest.mark.parametrize("path", [b"/api/rest/\xff", b"/api/rest/info?\xff=1"])
def test_what_daphne_refuses_is_json_too(server: Server, path: bytes) -> None:
    head = b"GET " + path + b" HTTP/1.1\r\nHost: dh.example\r\nConnection: close\r\n\r\n"
    assert_refused(ask(server, head), "400 Bad Request")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"http://dh.example/api/rest/info?x=1", b"200"),
        (b"HTTP://dh.example:80/livez", b"200"),
        (b"http://dh.example", b"302"),
        (b"http://dh.example/api/rest/nothing", b"404"),
        (b"http://dh.example/api/websocket", b"426"),
    ],
)
def test_a_url_in_the_request_line_is_taken_as_its_path(
    server: Server, target: bytes, status: bytes
) -> None:
    head = b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert ask(server, head).startswith(b"HTTP/1.1 " + status + b" ")


def test_the_host_of_a_url_in_the_request_line_goes_before_the_header(server: Server) -> None:
    head = (
        b"GET http://dh.example/api/rest/info HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n"
    )
    info = json.loads(ask(server, head).partition(b"\r\n\r\n")[2])
    assert info["webSocketServerUrl"] == "ws://dh.example/api/websocket"


def test_http_1_0_needs_no_host(server: Server) -> None:
    assert ask(server, b"GET /livez HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.0 200 ")


def test_a_url_in_the_request_line_needs_the_header_too(server: Server) -> None:
    assert_refused(ask(server, b"GET http://x/livez HTTP/1.1\r\n\r\n"), "400 Bad Request")


def test_the_server_as_a_whole_has_options_too(server: Server) -> None:
    head = b"OPTIONS * HTTP/1.1\r\nHost: dh.example\r\n\r\n"
    with raw_http(server) as client:
        client.send(head * 2)
        for _ in range(2):
            status, body, headers = client.read_whole("OPTIONS")
            assert (status, body) == (200, b"")
            assert headers["access-control-allow-origin"] == "*"


def test_a_body_of_one_mib_is_not(server: Server) -> None:
    head = HEAD.replace(b"POST", b"GET") + b"Connection: close\r\nContent-Length: 1048576\r\n\r\n"
    assert ask(server, head + b"x" * MIB).startswith(b"HTTP/1.1 200 OK")


def test_a_body_is_kept_in_memory(server: Server) -> None:
    with open_tcp(server) as client:
        client.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n" + b"x" * 999_999)
        with raw_socket(server, "bob") as other:
            other.ask("server/info")  # By now it has read some of that.
        files = open_files(server.process.pid)
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
            assert_refused(stream.read(), "408 Request Timeout")
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
