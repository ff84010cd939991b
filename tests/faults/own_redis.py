"""A Redis that tests may kill."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.server import SECONDS


class OwnRedis:
    def __init__(self, folder: Path, *settings: str) -> None:
        if shutil.which("redis-server") is None:
            pytest.skip("needs redis-server")
        self.path = folder / "redis.sock"
        self.url = f"unix://{self.path}"
        self.settings = settings
        self.start()

    def start(self) -> None:
        """Returns when it accepts connections, as it says."""
        where = ("--port", "0", "--unixsocket", str(self.path))
        command = ["redis-server", *where, "--save", "", *self.settings]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        for line in self.process.stdout:
            if "eady to accept connections" in line:
                return

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(SECONDS)
        assert self.process.stdout
        self.process.stdout.close()
