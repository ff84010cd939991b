"""A stranger cannot stop other clients: it is read in turns, and closed if it wastes them."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.conftest import success
from tests.faults.raw_socket import CONTINUATION, PING, TEXT, RawSocket, frame, raw_socket
from tests.server import Server, StartServer

POLICY_VIOLATION = 1008
MIB = 1 << 20
WASTE = {
    "nonsense": frame("x"),
    "pings": frame("", PING),
    "fragments": frame("", CONTINUATION, final=False),
    "refused": frame('{"action":"device/get"}'),
}


def close_code_at_the_end(client: RawSocket) -> int:
    """The code of the close frame after all answers."""
    opcode, payload = client.read()
    while opcode != 8:
        opcode, payload = client.read()
    return int.from_bytes(payload[:2])


@contextmanager
def sending(client: RawSocket, data: bytes) -> Iterator[None]:
    """Send `data` again and again meanwhile: of what came seconds ago, the server forgets half."""

    def send() -> None:
        with suppress(ConnectionError):
            while not stopping.is_set():
                client.socket.sendall(data)

    stopping = threading.Event()
    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        client.socket.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("name", WASTE)
def test_a_stranger_that_sends_what_asks_for_nothing_is_closed(server: Server, name: str) -> None:
    with raw_socket(server) as stranger:
        if name == "fragments":
            stranger.socket.sendall(frame("", TEXT, final=False))
        with sending(stranger, WASTE[name] * 1_200):
            assert close_code_at_the_end(stranger) == POLICY_VIOLATION


@pytest.mark.parametrize("name", ["nonsense", "pings"])
def test_a_client_that_is_known_is_too(server: Server, name: str) -> None:
    with raw_socket(server, "bob") as client, sending(client, WASTE[name] * 1_200):
        assert close_code_at_the_end(client) == POLICY_VIOLATION


def test_nobody_is_closed_who_waits_for_the_answer_to_its_nonsense(server: Server) -> None:
    with raw_socket(server) as client:
        for _ in range(1_200):
            client.socket.sendall(WASTE["nonsense"])
            client.read()
        assert client.ask("server/info")["status"] == "success"


def test_nobody_is_closed_who_sends_more_requests_than_pings(server: Server) -> None:
    request = frame('{"action":"server/info"}')
    with raw_socket(server, "bob") as client:
        for _ in range(12):
            client.socket.sendall((request + frame("", PING)) * 100)
            for _ in range(200):
                client.read()
        assert client.ask("server/info")["status"] == "success"


def test_a_message_in_many_fragments_is_no_waste(server: Server) -> None:
    text = json.dumps({"action": "server/info", "requestId": "x" * 128_000}).encode()
    pieces = [text[start : start + 64] for start in range(0, len(text), 64)]
    with raw_socket(server) as client:
        client.socket.sendall(
            frame(pieces[0], TEXT, final=False)
            + b"".join(frame(piece, CONTINUATION, final=False) for piece in pieces[1:])
            + frame("", CONTINUATION)
        )
        assert json.loads(client.read()[1])["status"] == "success"


def test_what_came_in_one_go_is_answered_to_the_end_and_in_order(server: Server) -> None:
    with raw_socket(server, "bob") as client:
        requests = [{"action": "server/info", "requestId": number} for number in range(5_000)]
        sender = threading.Thread(
            target=client.socket.sendall, args=[b"".join(frame(json.dumps(r)) for r in requests)]
        )
        sender.start()
        answers = [json.loads(client.read()[1])["requestId"] for _ in requests]
        sender.join()
    assert answers == list(range(5_000))


@contextmanager
def flooding(server: Server, unit: bytes, *, connections: int) -> Iterator[None]:
    """So many strangers send `unit` as fast as they can, and come back when they are closed."""
    stopping = threading.Event()

    def flood() -> None:
        while not stopping.is_set():
            try:
                with raw_socket(server) as stranger:
                    stranger.flood(unit * 1_000, most=MIB)
            except (OSError, ValueError):
                continue  # closed, also in the middle of the handshake

    threads = [threading.Thread(target=flood) for _ in range(connections)]
    for thread in threads:
        thread.start()
    yield
    stopping.set()
    for thread in threads:
        thread.join()


@pytest.mark.soak
@pytest.mark.parametrize("name", ["nonsense", "pings", "refused"])
def test_others_are_served_beside_strangers_that_flood(
    start_server: StartServer, name: str
) -> None:
    server = start_server()
    with raw_socket(server, "bob") as client, flooding(server, WASTE[name], connections=3):
        seconds = []
        for number in range(50):
            began = time.monotonic()
            answer = client.ask("device/save", deviceId="beside", device={"name": str(number)})
            assert answer == success("device/save")
            seconds.append(time.monotonic() - began)
    # Without turns it is three to seven seconds, for each.
    assert sorted(seconds)[40] < 1
