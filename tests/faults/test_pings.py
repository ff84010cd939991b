"""Connections with little traffic: living ones are kept, dead ones dropped."""

import time

import pytest

from tests.faults.raw_socket import PING, frame, raw_socket
from tests.server import Server, StartServer

PONG = 0xA
UNMASKED_PONG = b"\x8a\x00"
SILENCE = {"PING_SECONDS": "1", "SILENT_SECONDS": "1"}
"""Dropped after three seconds of silence, and found so two seconds later at most."""


@pytest.fixture(scope="module")
def impatient(keep_server: StartServer) -> Server:
    return keep_server(**SILENCE)


def test_the_server_pings_with_nothing_in_it(impatient: Server) -> None:
    with raw_socket(impatient, "bob") as idle:
        for _ in range(2):
            assert idle.socket.recv(2) == b"\x89\x00"
            idle.socket.sendall(frame(b"", PONG))
        assert idle.ask("server/info")["status"] == "success"


def test_a_ping_is_answered_with_its_payload(server: Server) -> None:
    with raw_socket(server) as client:
        client.socket.sendall(frame("are you there", PING))
        assert client.read() == (PONG, b"are you there")


def test_a_pong_may_be_unmasked(server: Server) -> None:
    with raw_socket(server, "bob") as firmware:
        firmware.socket.sendall(UNMASKED_PONG + b"\x8a\x02hi" + UNMASKED_PONG)
        assert firmware.ask("server/info")["status"] == "success"


def test_data_may_not_even_after_such_a_pong(server: Server) -> None:
    with raw_socket(server, "bob") as client:
        client.socket.sendall(UNMASKED_PONG + b"\x81\x02{}")
        assert client.close_code() == 1002


def test_who_says_nothing_for_long_is_dropped(impatient: Server) -> None:
    with raw_socket(impatient, "bob") as silent:
        began = time.monotonic()
        assert silent.is_dropped()
        assert time.monotonic() - began > 2.5
    assert "sent nothing for" in impatient.log


def test_whatever_is_said_is_a_sign_of_life(impatient: Server) -> None:
    request = frame('{"action":"server/info"}')
    with (
        raw_socket(impatient, "bob") as asking,
        raw_socket(impatient, "bob") as late,
        raw_socket(impatient, "bob") as slow,
    ):
        for number in range(7):
            assert not late.is_dropped(seconds=1)  # the pace of all three
            asking.socket.sendall(request)
            slow.socket.sendall(request[number : number + 1])
            if number % 2:
                late.socket.sendall(UNMASKED_PONG)
        for client in (asking, late, slow):
            assert not client.is_dropped(seconds=0)
