"""Set up, start, watch and stop the measured servers."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import jwt

from benchmarks import proc
from benchmarks.contenders import SECRET, Contender
from benchmarks.databases import Database, PostgreSQL, SQLite, stored_counts
from benchmarks.load import Target

DEVICES = 1_000
START_SECONDS = 30
STOP_SECONDS = 15


def device_ids(count: int = DEVICES) -> list[str]:
    return [f"device-{number}" for number in range(count)]


@dataclass(slots=True)
class Running:
    """A contender whose server is running."""

    contender: Contender
    database: Database
    process: subprocess.Popen[bytes]
    target: Target
    second: subprocess.Popen[bytes] | None = None
    second_port: int | None = None
    devices: int = DEVICES
    """The number of devices, without those that the load registers."""

    def device_ids(self) -> list[str]:
        return device_ids(self.devices)

    def processes(self) -> Iterator[int]:
        yield from proc.tree(self.process.pid)
        if self.second is not None:
            yield from proc.tree(self.second.pid)

    def wrongly_stored(self) -> list[str]:
        """The devices whose stored state is not that of their last acknowledged save."""
        if self.contender.table is None:
            return []
        stored = stored_counts(self.database, self.contender.table)
        acknowledged = self.target.acknowledged
        return [
            id_
            for id_ in acknowledged.keys() | stored.keys()
            if stored.get(id_) != acknowledged.get(id_)
        ]

    def lost_notifications(self) -> int:
        """How many acknowledged notifications are not stored."""
        if not self.contender.stores_notifications:
            return 0
        stored = "SELECT count(*) FROM devices_notification WHERE notification = 'measured'"
        return self.target.inserted - int(self.database.rows(stored)[0][0])


@contextmanager
def running(
    contender: Contender, vendor: str, folder: Path, *, core: int, redis_url: str = ""
) -> Iterator[Running]:
    """Set a contender up with a database of its own and serve, on one core, until the end. With
    Redis there are two processes, on the same core."""
    folder = folder / f"{contender.name}-{vendor.lower()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if vendor == "SQLite":
        database: Database = SQLite(folder)
    else:
        database = PostgreSQL(os.environ["DATABASE_URL"], contender.name)
    try:
        environment = _environment(contender, database, folder)
        if redis_url:
            environment["REDIS_URL"] = redis_url
        token = _prepare(contender, environment, folder)
        with ExitStack() as stack:
            process, port = stack.enter_context(serving(contender, environment, folder, core=core))
            server = Running(contender, database, process, Target(port, token, contender.action))
            if redis_url:
                server.second, server.second_port = stack.enter_context(
                    serving(contender, environment, folder, core=core)
                )
            yield server
    finally:
        database.drop()


def _environment(contender: Contender, database: Database, folder: Path) -> dict[str, str]:
    # Nothing else of the caller's environment: a setting such as SAVE_BATCH_SIZE would take effect.
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "STATE_DIR": str(folder),
        "DATABASE_URL": database.url,
        "JWT_SECRET": SECRET,
        "LOG_LEVEL": "WARNING",
        **{name: _word(value, folder) for name, value in contender.environment.items()},
    }


def _prepare(contender: Contender, environment: dict[str, str], folder: Path) -> str:
    output = ""
    for command in contender.prepare:
        done = subprocess.run(
            [_word(word, folder) for word in command],
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        output = done.stdout.decode().strip()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    return output or jwt.encode({"user_id": 1, "exp": tomorrow}, SECRET, "HS256")


def _word(text: str, folder: Path) -> str:
    return text.replace("FOLDER", str(folder))


@contextmanager
def serving(
    contender: Contender, environment: dict[str, str], folder: Path, *, core: int
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A process that accepts connections, and its port. Its output goes to a log file."""
    port = _free_port()
    command = [str(port) if word == "PORT" else _word(word, folder) for word in contender.serve]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command,
            env=environment,
            stdout=log,
            stderr=log,
            preexec_fn=partial(os.sched_setaffinity, 0, {core}),
        )
    try:
        _wait_until_it_listens(process, port, folder / "log")
        yield process, port
    finally:
        _stop(process)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not serve; see {log}:\n{log.read_text()[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
