"""Limits of connections: strangers, messages a second, open files."""

import json
import resource
import socket
import time
from collections.abc import Iterator

import pytest

from tests.conftest import success
from tests.faults.raw_socket import CLOSE, HANDSHAKE, frame, raw_socket
from tests.server import Server, StartServer, open_tcp

NOT_AUTHENTICATED = 4408


def test_who_does_not_authenticate_in_time_is_closed(start_server: StartServer) -> None:
    server = start_server(AUTHENTICATE_SECONDS="1")
    with raw_socket(server) as stranger, raw_socket(server, "bob") as client:
        assert stranger.close_code() == NOT_AUTHENTICATED
        assert client.ask("server/info")["status"] == "success"


OPEN = "HTTP/1.1 101 Switching Protocols"
FULL = "HTTP/1.1 429 Too Many Requests"


class Proxy:
    """Opens WebSockets for clients, and says their addresses."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.connections: list[socket.socket] = []

    def open(self, address: str) -> str:
        """The first line of the answer; what the client says of its address comes first."""
        client = open_tcp(self.server)
        self.connections.append(client)
        request = HANDSHAKE.format(self.server.address).removesuffix("\r\n")
        client.sendall(f"{request}X-Forwarded-For: 198.51.100.9, {address}\r\n\r\n".encode())
        return client.recv(4096).decode().partition("\r\n")[0]


@pytest.fixture(scope="module")
def behind_a_proxy(keep_server: StartServer) -> Server:
    return keep_server(
        ANONYMOUS_CONNECTIONS="2", TRUST_PROXY="on", TRUSTED_NETWORKS="192.0.2.128/25"
    )


@pytest.fixture
def proxy(behind_a_proxy: Server) -> Iterator[Proxy]:
    """One whose clients have addresses that no other test uses: the server is the same."""
    proxy = Proxy(behind_a_proxy)
    yield proxy
    for connection in proxy.connections:
        connection.close()


def test_an_address_has_few_connections_that_are_not_authenticated(proxy: Proxy) -> None:
    answers = [proxy.open(f"2001:db8:1:2::{number}") for number in range(3)]
    assert answers == [OPEN, OPEN, FULL]
    assert proxy.open("2001:db8:1:3::1") == OPEN


def test_one_that_authenticates_makes_room(proxy: Proxy) -> None:
    assert [proxy.open("203.0.113.1") for _ in range(2)] == [OPEN, OPEN]
    token = proxy.server.database.access["bob"]
    proxy.connections[0].sendall(frame(json.dumps({"action": "authenticate", "token": token})))
    assert b"success" in proxy.connections[0].recv(4096)
    assert [proxy.open("203.0.113.1") for _ in range(2)] == [OPEN, FULL]


def test_one_that_leaves_makes_room(proxy: Proxy) -> None:
    assert [proxy.open("203.0.113.2") for _ in range(2)] == [OPEN, OPEN]
    proxy.connections[0].sendall(frame(b"\x03\xe8", CLOSE))
    while proxy.connections[0].recv(4096):
        pass
    assert [proxy.open("203.0.113.2") for _ in range(2)] == [OPEN, FULL]


def test_an_address_that_many_come_from_has_as_many_as_it_likes(proxy: Proxy) -> None:
    assert [proxy.open("192.0.2.200") for _ in range(4)] == [OPEN] * 4


def test_too_many_messages_a_second_are_refused_and_said_when_to_come_again(
    start_server: StartServer,
) -> None:
    server = start_server(MESSAGES_PER_SECOND="5")
    with raw_socket(server) as client:
        request = frame('{"action":"server/info","requestId":"again"}')
        client.socket.sendall(request * 6)
        answers = [json.loads(client.read()[1]) for _ in range(6)]
        assert [answer["status"] for answer in answers[:5]] == ["success"] * 5
        assert answers[5] == {
            "action": "server/info",
            "requestId": "again",
            "status": "error",
            "code": 429,
            "error": "Too many messages",
            "retryAfter": 1,
        }
        time.sleep(answers[5]["retryAfter"])  # as it says
        assert client.ask("server/info")["status"] == "success"


FEW_FILES = 256


def test_at_the_limit_of_open_files_who_is_connected_goes_on_and_saves(
    start_server: StartServer,
) -> None:
    server = start_server()
    # As a small container has it, and as the server would find it at its start.
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (FEW_FILES, FEW_FILES))
    with raw_socket(server, "bob") as client:
        others = [open_tcp(server) for _ in range(FEW_FILES)]
        assert others[-1].recv(1) == b"", "there is no room for the last"
        answer = client.ask("device/save", deviceId="full", device={"name": "Full"})
        assert answer == success("device/save")
        for other in others:
            other.close()
        assert client.ask("server/info")["status"] == "success"
    with raw_socket(server, "bob") as late:
        assert late.ask("device/get", deviceId="full")["status"] == "success"
    told = [line for line in server.log.splitlines() if "too many open files" in line]
    assert 1 <= len(told) < FEW_FILES / 10, "a line a second, however many were refused"


def test_the_server_takes_as_many_open_files_as_it_may(server: Server) -> None:
    soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    assert soft == hard


def is_closed_unheard(server: Server) -> bool:
    """Whether a new connection is closed before it can ask for anything."""
    with open_tcp(server) as client:
        try:
            client.sendall(HANDSHAKE.format(server.address).encode())
            return client.recv(4096) == b""
        except ConnectionError:
            return True


def test_an_address_opens_so_many_connections_a_second(start_server: StartServer) -> None:
    """And those that are open go on; after a while, others come in again."""
    server = start_server(CONNECTIONS_PER_SECOND="1", TRUSTED_NETWORKS="192.0.2.1")
    client = server.connect("bob")
    assert any(is_closed_unheard(server) for _ in range(1_000))
    assert client.ask("device/list")["status"] == "success"
    while is_closed_unheard(server):
        time.sleep(0.5)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"TRUSTED_NETWORKS": "192.0.2.1", "TRUST_PROXY": "on"},
        {"TRUSTED_NETWORKS": "192.0.2.1", "CONNECTIONS_PER_SECOND": "0"},
    ],
    ids=["trusted", "behind a proxy", "without a limit"],
)
def test_but_there_is_no_such_limit_for_all(
    start_server: StartServer, environment: dict[str, str]
) -> None:
    server = start_server(**{"CONNECTIONS_PER_SECOND": "1", **environment})
    assert not any(is_closed_unheard(server) for _ in range(40))
