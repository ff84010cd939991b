"""A system clock that is set back by an hour does not prolong any duration."""

from pathlib import Path

import pytest

from tests.faults.raw_socket import raw_socket
from tests.server import Server, StartServer, open_tcp

SITE = """
import os, time
told = time.time
time.time = lambda: told() - 3600 * os.path.exists({back!r})
"""


class Clock:
    """That of a server's process, as all its modules read it."""

    def __init__(self, server: Server, back: Path) -> None:
        self.server = server
        self.back = back

    def set_back(self) -> None:
        self.back.touch()


@pytest.fixture
def clock(start_server: StartServer, tmp_path: Path) -> Clock:
    back = tmp_path / "back"
    (tmp_path / "sitecustomize.py").write_text(SITE.format(back=str(back)))
    return Clock(start_server(PYTHONPATH=str(tmp_path), PING_SECONDS="1"), back)


def test_pings_go_on(clock: Clock) -> None:
    with raw_socket(clock.server, "bob") as client:
        assert client.socket.recv(2) == b"\x89\x00"
        clock.set_back()
        for _ in range(2):
            assert client.socket.recv(2) == b"\x89\x00"


def test_a_head_that_does_not_come_is_not_waited_for(clock: Clock) -> None:
    with open_tcp(clock.server) as client, client.makefile("rb") as stream:
        client.sendall(b"GET /livez HTTP/1.1\r\n")
        with raw_socket(clock.server) as other:
            other.ask("server/info")  # By now it has read the above.
        clock.set_back()
        assert stream.read().startswith(b"HTTP/1.1 408 ")
