"""A PostgreSQL that tests may stop, freeze and fill."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.server import SECONDS

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
OPTIONS = "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"


class OwnPostgreSQL:
    def __init__(self, folder: Path) -> None:
        if not PROGRAMS:
            pytest.skip("needs PostgreSQL's programs")
        # PostgreSQL refuses to run as root.
        self.user: dict[str, Any] = {"user": "postgres"} if os.getuid() == 0 else {}
        folder.chmod(0o755)
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        if self.user:
            shutil.chown(self.data, "postgres", "postgres")
        self.port = _free_port()
        self.url = f"postgres://ci@127.0.0.1:{self.port}/postgres"
        self.run(
            *("initdb", "--username=ci", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"),
            "--no-sync",
        )
        self.start()

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [PROGRAMS[-1] / program, *arguments, "--pgdata", self.data],
            cwd="/",
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=SECONDS,
            **self.user,
        )

    def start(self) -> None:
        """Returns when it accepts connections."""
        log = str(self.data / "log")
        options = OPTIONS.format(port=self.port)
        self.run("pg_ctl", "start", "--wait", "--silent", "--log", log, "--options", options)

    def stop(self) -> None:
        """End it and all connections, without waiting for anybody."""
        self.run("pg_ctl", "stop", "--silent", "--mode=fast")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Meanwhile, PostgreSQL accepts connections and statements, but does nothing."""
        processes = self._processes()
        _signal(processes, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(processes, signal.SIGCONT)

    def _processes(self) -> list[int]:
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection]:
        """A transaction beside the server, which is rolled back at the end."""
        with closing(psycopg.connect(self.url)) as connection:
            yield connection


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):  # The child of a connection that has ended.
            os.kill(process, number)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
