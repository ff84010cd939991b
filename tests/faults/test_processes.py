"""`serve --processes`: several processes on one port, kept running by the first."""

import os
import re
import signal
import time
from multiprocessing.connection import wait
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close, CloseCode

from tests.conftest import success
from tests.server import SECONDS, Server, StartServer, open_files

pytestmark = pytest.mark.postgresql


def children(server: Server) -> list[int]:
    """Its two processes, as soon as they are there."""
    pid = server.process.pid
    found: list[str] = []
    while len(found) < 2:
        assert server.process.poll() is None, server.log
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in found]


def connections(server: Server, pid: int) -> int:
    """How many clients the process `pid` holds a connection of."""
    port = int(server.address.rpartition(":")[2])
    table = Path("/proc/net/tcp").read_text()
    local = f"[0-9A-F]{{8}}:{port:04X}"
    established = set(re.findall(rf": {local} \S+ 01 (?:\S+ +){{5}}(\d+)", table))
    files = open_files(pid)
    return sum(file.removeprefix("socket:[").rstrip("]") in established for file in files)


def test_both_processes_serve(start_server: StartServer) -> None:
    server = start_server("--processes", "2")
    for number in range(20):
        answer = server.connect("bob").ask(
            "device/save", deviceId=f"lamp-{number}", device={"name": "Lamp"}
        )
        assert answer == success("device/save")
    shares = [connections(server, child) for child in children(server)]
    assert sum(shares) == 20
    assert min(shares) > 0


def test_all_end_together(start_server: StartServer) -> None:
    server = start_server("--processes", "2")
    for _ in range(10):
        server.connect("bob")
    ended = children(server)
    assert server.terminate() == 0
    assert not any(Path(f"/proc/{child}").exists() for child in ended)


def test_all_end_together_even_before_they_serve(start_server: StartServer) -> None:
    server = start_server("--processes", "2")
    started = children(server)
    assert server.terminate() == 0
    assert not any(Path(f"/proc/{child}").exists() for child in started)


def test_a_killed_process_is_started_again(start_server: StartServer) -> None:
    server = start_server("--processes", "2")
    for _ in range(10):
        server.connect("bob")
    before = children(server)
    # A process that ends within its first five seconds is taken for one that cannot start.
    time.sleep(5)
    os.kill(before[0], signal.SIGKILL)
    for _ in range(10):
        assert server.connect("bob").ask("server/info")["status"] == "success"
    after = children(server)
    assert before[1] in after
    assert server.terminate() == 0


def test_processes_end_with_the_first_that_is_killed(start_server: StartServer) -> None:
    server = start_server("--processes", "2")
    client = server.connect("bob")
    ends = [os.pidfd_open(child) for child in children(server)]
    server.kill()
    with pytest.raises(ConnectionClosed) as closed:
        client.read()
    assert closed.value.rcvd == Close(CloseCode.SERVICE_RESTART, "")
    for end in ends:
        assert wait([end], SECONDS)
        os.close(end)


def test_processes_that_cannot_run_are_not_started_forever(start_server: StartServer) -> None:
    server = start_server("--processes", "2")
    os.kill(children(server)[0], signal.SIGKILL)
    assert server.wait() == 1
    assert "ended at once" in server.log
