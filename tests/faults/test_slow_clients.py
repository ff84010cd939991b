"""Clients that read no answers, and clients that send without end, affect only themselves."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from tests.conftest import success
from tests.faults.raw_socket import BINARY, CLOSE, PING, TEXT, frame, raw_socket
from tests.server import Server, StartServer

MIB = 1 << 20
SAVE = frame('{"action":"device/save","deviceId":"flood","device":{"name":"Flood"}}')
ECHO = frame(json.dumps({"action": "server/info", "requestId": "x" * 50_000}))
LARGE_SAVES = [
    {
        "action": "device/save",
        "deviceId": f"flood-{number}",
        "device": {"name": "Flood", "data": {"photo": "x" * 500_000}},
    }
    for number in range(64)
]
# Made when they are sent: each process of a run imports this, and few of them send any.
FLOODS: dict[str, Callable[[], bytes]] = {
    "saves": lambda: SAVE * 100,
    "large saves": lambda: b"".join(frame(json.dumps(save)) for save in LARGE_SAVES),
    "long answers": lambda: ECHO,
    "pings": lambda: frame("x" * 125, PING) * 100,
    "nonsense": lambda: frame("x" * 100) * 100,
    "fragments": lambda: (
        frame("", TEXT, final=False) + frame("x" * 1000, 0, final=False) * 1000 + frame("", 0)
    ),
}


def assert_served(server: Server) -> None:
    answer = server.connect("bob").ask("device/save", deviceId="beside", device={"name": "Beside"})
    assert answer == success("device/save")


# A transaction holds what it stores several times over: the device, what is told of it, and both
# again in the statement. Without a bound on what is pending it would be 100 to 400 MiB.
MOST_GROWTH = {"large saves": 48 * MIB}


@pytest.mark.soak
@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_slowed_down_and_costs_no_memory(start_server: StartServer, name: str) -> None:
    flood, most = FLOODS[name](), MOST_GROWTH.get(name, 16 * MIB)
    server = start_server(UNSENT_SECONDS="60")
    assert_served(server)
    before = server.resident_bytes
    with raw_socket(server, "bob") as client:
        with suppress(ConnectionError):  # of who sends what asks for nothing
            client.flood(flood, most=32 * MIB)
        assert_served(server)
        assert server.resident_bytes - before < most


def test_a_client_that_does_not_read_is_dropped(start_server: StartServer) -> None:
    server = start_server(UNSENT_SECONDS="1")
    with raw_socket(server, "bob") as deaf:
        with suppress(ConnectionError):
            assert deaf.flood(ECHO, most=1000 * MIB) < 100 * MIB
        assert_served(server)
        assert deaf.is_dropped()
    assert_served(server)
    assert "bytes unread" in server.log


def test_by_default_within_ten_seconds(server: Server) -> None:
    with raw_socket(server, "bob") as deaf:
        deaf.flood(ECHO, most=1000 * MIB)
        assert deaf.is_dropped(seconds=10)


def test_a_client_that_reads_slowly_is_not(start_server: StartServer) -> None:
    server = start_server(UNSENT_SECONDS="2")
    with raw_socket(server, "bob") as slow:
        sent = slow.flood(ECHO, most=1000 * MIB)
        for number in range(sent // len(ECHO)):
            if number < 16:
                time.sleep(0.25)  # its pace
            assert json.loads(slow.read()[1])["status"] == "success"


def test_a_client_that_reads_late_gets_every_answer(start_server: StartServer) -> None:
    server = start_server(UNSENT_SECONDS="60")
    with raw_socket(server, "bob") as client:
        sent = client.flood(ECHO, most=1000 * MIB)
        answers = [json.loads(client.read()[1]) for _ in range(sent // len(ECHO))]
    assert {len(answer["requestId"]) for answer in answers} == {50_000}


FAREWELL = frame(b"\x03\xe8", CLOSE)
UNMASKED = b"\x81\x02{}"
LONG_ANSWER = {"action": "device/list", "take": 20}


def saved(server: Server) -> None:
    """20 devices, which are 10 MiB together: more than the system keeps for who does not read."""
    device = server.connect("bob")
    save: Any
    for save in LARGE_SAVES[:20]:
        assert device.ask(**save) == success("device/save")


def test_who_says_goodbye_and_does_not_read_is_dropped(start_server: StartServer) -> None:
    server = start_server(UNSENT_SECONDS="1", MAX_UNSENT_BYTES=str(64 * MIB))
    saved(server)
    with raw_socket(server, "bob") as deaf:
        deaf.socket.sendall(frame(json.dumps(LONG_ANSWER)) + FAREWELL)
        assert deaf.is_dropped()
    assert "bytes unread" in server.log


def test_what_was_left_unread_by_who_has_gone_is_forgotten(start_server: StartServer) -> None:
    sizes = {"MAX_UNSENT_BYTES": str(64 * MIB), "MAX_ALL_UNSENT_BYTES": str(20 * MIB)}
    server = start_server(UNSENT_SECONDS="1", **sizes)
    saved(server)
    for _ in range(4):
        with raw_socket(server, "bob") as deaf:
            deaf.socket.sendall(frame(json.dumps(LONG_ANSWER)) + FAREWELL)
            assert deaf.is_dropped()
    with raw_socket(server, "bob") as slow:
        slow.socket.sendall(frame(json.dumps(LONG_ANSWER)))
        time.sleep(0.5)  # It does not read at once.
        assert len(json.loads(slow.read()[1])["devices"]) == 20
    assert "and it leaves most" not in server.log


def test_who_reads_far_less_than_the_system_keeps_for_it_is_not_dropped(
    start_server: StartServer,
) -> None:
    server = start_server(UNSENT_SECONDS="1")
    saved(server)
    with raw_socket(server, "bob") as slow:
        slow.socket.sendall(frame(json.dumps(LONG_ANSWER)))
        for _ in range(12):
            time.sleep(0.25)  # its pace
            assert slow.socket.recv(4096)
        assert not slow.is_dropped(seconds=0)


@pytest.mark.parametrize(
    ("last", "closed"),
    [
        (frame(b"{}", BINARY), (1003, "Binary messages not supported")),
        (UNMASKED, (1002, "unmasked client-to-server frame")),
    ],
    ids=["unsupported", "illegal"],
)
def test_who_is_closed_and_reads_late_gets_what_was_answered_before(
    start_server: StartServer, last: bytes, closed: tuple[int, str]
) -> None:
    server = start_server(UNSENT_SECONDS="3", MAX_UNSENT_BYTES=str(64 * MIB))
    saved(server)
    with raw_socket(server, "bob") as late:
        late.socket.sendall(frame(json.dumps(LONG_ANSWER)) + last)
        time.sleep(2)  # Longer than autobahn waits for an answer to a close frame.
        assert len(json.loads(late.read()[1])["devices"]) == 20
        assert late.close_frame() == closed
        assert late.is_dropped()
