"""Redis carries events; saves do without it."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import success
from tests.server import SECONDS, Server, StartServer

DEVICE = {"name": "Lamp"}


@pytest.fixture
def redis() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A Redis of this test: its URL and process."""
    if shutil.which("redis-server") is None:
        pytest.skip("needs redis-server")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "redis.sock"
        command = ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", ""]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            for line in process.stdout:
                if "eady to accept connections" in line:
                    break
            yield f"unix://{path}", process
            process.terminate()


def saves(server: Server) -> dict[str, object]:
    return server.connect("bob").ask("device/save", deviceId="lamp", device=DEVICE)


def test_saves_go_on_without_redis(start_server: StartServer) -> None:
    server = start_server(REDIS_URL="redis://127.0.0.1:1")
    assert saves(server) == success("device/save")
    assert server.terminate() == 0


def test_saves_go_on_when_redis_stops(
    start_server: StartServer, redis: tuple[str, subprocess.Popen[str]]
) -> None:
    url, process = redis
    server = start_server(REDIS_URL=url)
    connection = server.connect("bob")
    assert connection.ask("device/save", deviceId="lamp", device=DEVICE) == success("device/save")
    process.terminate()
    process.wait(SECONDS)
    for _ in range(3):
        answer = connection.ask("device/save", deviceId="lamp", device=DEVICE)
        assert answer == success("device/save")
    assert saves(server) == success("device/save")
    assert server.terminate() == 0
