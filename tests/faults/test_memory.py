"""How much memory clients that read nothing can take, whatever their number (R-47)."""

import json
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from tests.conftest import success
from tests.faults.raw_socket import RawSocket, frame, raw_socket
from tests.server import SECONDS, Server, Socket, StartServer, open_tcp

pytestmark = pytest.mark.soak

MIB = 1 << 20
DEAF = 20
PADDING = "x" * (MIB // 2)


@pytest.fixture
def loud(start_server: StartServer) -> Server:
    """A server that waits a minute for clients that do not read, and keeps 48 MiB for all."""
    return start_server(UNSENT_SECONDS="60", MAX_ALL_UNSENT_BYTES=str(48 * MIB))


def told(device: Socket, times: int) -> None:
    for _ in range(times):
        notification = {"notification": "noise", "parameters": {"noise": PADDING}}
        answer = device.ask("notification/insert", deviceId="loud", notification=notification)
        assert answer["status"] == "success"


def saved(server: Server, count: int) -> Socket:
    device = server.connect("bob")
    for number in range(count):
        saves = device.ask(
            "device/save",
            deviceId="loud" if not number else f"loud-{number}",
            device={"name": "Loud", "data": {"noise": PADDING}},
        )
        assert saves == success("device/save")
    return device


def test_an_event_that_many_wait_for_is_held_once(loud: Server) -> None:
    """Each would wait for 14 MiB; together for little more than one of them."""
    device = saved(loud, 1)
    with ExitStack() as stack:
        deaf = [stack.enter_context(raw_socket(loud, "bob")) for _ in range(DEAF)]
        for socket in deaf:
            socket.ask("notification/subscribe", deviceId="loud")
        told(device, 2)
        before = loud.resident_bytes
        told(device, 26)
        assert loud.resident_bytes - before < 64 * MIB
        assert "and it leaves most" not in loud.log
        told_last = [read_all(socket, 28) for socket in deaf[:2]]
    assert told_last == [28, 28]


def read_all(socket: RawSocket, count: int) -> int:
    return sum(b'"noise"' in socket.read()[1] for _ in range(count))


def test_answers_that_nobody_reads_take_no_more_than_is_allowed(loud: Server) -> None:
    """Twenty times 8 MiB, of which 48 may wait; who reads is answered."""
    device = saved(loud, 16)
    asked: dict[str, Any] = {"take": 16}
    assert len(device.ask("device/list", **asked)["devices"]) == 16
    before = loud.resident_bytes
    with ExitStack() as stack:
        deaf = [stack.enter_context(raw_socket(loud, "bob")) for _ in range(DEAF)]
        for socket in deaf:
            socket.socket.sendall(frame('{"action":"device/list","take":16}'))
        # Each that is dropped makes room for what others are answered: 20 x 8 - 48 MiB.
        until(lambda: loud.log.count("and it leaves most") >= DEAF - 6)
        assert len(device.ask("device/list", **asked)["devices"]) == 16
        # Beside what waits, a few answers are in the making, and some memory is in pieces.
        assert loud.resident_bytes - before < 256 * MIB


def test_devices_that_nobody_reads_are_looked_up_when_it_is_their_turn(loud: Server) -> None:
    """Each asks for 32 MiB at once, of which one answer is on its way."""
    reader = saved(loud, 64)
    ids = ["loud", *(f"loud-{number}" for number in range(1, 64))]
    gets = [frame(json.dumps({"action": "device/get", "deviceId": each})) for each in ids]
    before = loud.resident_bytes
    with ExitStack() as stack:
        for _ in range(DEAF):
            deaf = stack.enter_context(raw_socket(loud, "bob"))
            deaf.socket.sendall(b"".join(gets))
            # One that is answered shows that those before it have been looked up.
            assert reader.ask("device/get", deviceId="loud")["status"] == "success"
        assert loud.resident_bytes - before < 128 * MIB
        assert [json.loads(deaf.read()[1])["device"]["id"] for _ in ids] == ids


def test_saves_over_long_devices_take_as_many_at_once_as_fit_into_memory(loud: Server) -> None:
    """Fifty megabytes that are stored, and saves of a hundred devices at once that replace them."""
    saved(loud, 100)
    ids = ["loud", *(f"loud-{number}" for number in range(1, 100))]
    savers = [loud.connect("bob") for _ in range(4)]
    loud.forget_peak()
    before = loud.resident_bytes
    for number, id_ in enumerate(ids):
        save = {"action": "device/save", "deviceId": id_, "device": {"name": "Quiet"}}
        savers[number % 4].connection.send(json.dumps(save))
    answers = [savers[number % 4].read() for number in range(len(ids))]
    assert {answer["status"] for answer in answers} == {"success"}
    assert loud.peak_bytes - before < 40 * MIB


@pytest.fixture
def receiving(start_server: StartServer) -> Server:
    """A server that keeps at most 16 MiB of incomplete messages."""
    return start_server(MAX_ALL_RECEIVED_BYTES=str(16 * MIB))


HALF_A_MESSAGE = frame("x" * 1_000_000)[:-1]
HALF_A_BODY = b"POST /api/rest/token HTTP/1.1\r\nHost: here\r\nContent-Length: 1000001\r\n\r\n"


@pytest.mark.parametrize("login", [None, "bob"])
def test_messages_that_never_end_take_no_more_than_is_allowed(
    receiving: Server, login: str | None
) -> None:
    device = receiving.connect("bob")
    before = receiving.resident_bytes
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(raw_socket(receiving, login)).socket.sendall(HALF_A_MESSAGE)
        until(lambda: receiving.log.count("and it sends most") >= 100 - 16)
        saves = device.ask("device/save", deviceId="lamp", device={"name": "Lamp"})
        assert saves == success("device/save")
        assert receiving.resident_bytes - before < 64 * MIB


def test_bodies_that_never_end_take_no_more_than_is_allowed(receiving: Server) -> None:
    before = receiving.resident_bytes
    with ExitStack() as stack:
        clients = [stack.enter_context(open_tcp(receiving)) for _ in range(100)]
        for client in clients:
            client.sendall(HALF_A_BODY + b"x" * 1_000_000)
        until(lambda: sum(map(has_ended, clients)) >= 100 - 16)
        assert receiving.resident_bytes - before < 64 * MIB


def has_ended(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def until(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.05)
