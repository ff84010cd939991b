"""A live server: `manage.py serve` as a user starts it, with a port and a database of its own.

Tests of sockets, signals and crashes need the real process. Its database is a copy of one that
is migrated once per test run and holds alice, bob and charlie, as tests/conftest.py has them.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
import psycopg
import pytest
from django.conf import settings
from websockets.sync.client import ClientConnection, connect

from tests.prepared import Forked, prepared
from tests.secrecy import secrets_in

MANAGE = str(settings.BASE_DIR / "manage.py")
Process = subprocess.Popen[str] | Forked

INTERPRETER = ("PYTHON", "LC_", "LANG", "TZ")
"""How variables begin that say how Python itself starts."""
SECONDS = 60
"""How long to wait for what must come; long, because test machines are busy."""

SOCKET_OPTIONS: dict[str, Any] = {
    "compression": None,
    "proxy": None,
    "max_size": None,
    "open_timeout": SECONDS,
    "close_timeout": 1,
}
"""For the websockets library: as little of its own as possible. Its ten seconds for the handshake
are fewer than a server needs to start on a busy machine."""

PEOPLE = """
from datetime import timedelta
from django.utils import timezone
from devices.models import Network, User
from devices.services import tokens
from tests.factories import make_user

soon = timezone.now() + timedelta(days=1)
network = Network.objects.create(name="bob's network")
roles = {"alice": (User.Role.ADMIN, [1]), "bob": (User.Role.CLIENT, [network])}
for login in ("alice", "bob", "charlie"):
    role, networks = roles.get(login, (User.Role.CLIENT, []))
    user = make_user(login, role=role)
    user.networks.set(networks)
    pair = tokens.issue(user, tokens.scope_of(user), expiration=soon)
    print(login, pair.access, pair.refresh)
"""


@dataclass(frozen=True)
class Database:
    """A migrated database, and the tokens of the people in it."""

    url: str
    access: dict[str, str]
    refresh: dict[str, str]

    def copy(self, folder: Path) -> "Database":
        if self.url.startswith("sqlite"):
            copied = shutil.copy(self.url.removeprefix("sqlite:///"), folder / "live.sqlite3")
            return replace(self, url=f"sqlite:///{copied}")
        return replace(self, url=create_postgresql(template=urlsplit(self.url).path[1:]))

    def execute(self, statement: str) -> None:
        """Run SQL, beside the server."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as connection:
                connection.execute(statement)
                connection.commit()
        else:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(statement)

    def drop(self) -> None:
        if self.url.startswith("postgres"):
            execute(f'DROP DATABASE "{urlsplit(self.url).path[1:]}" WITH (FORCE)')


def create_postgresql(*, template: str = "template1") -> str:
    name = f"live_{uuid4().hex}"
    execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl()


def execute(statement: str) -> None:
    """Run SQL on the database of DATABASE_URL, which only lends us its server."""
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as connection:
        connection.execute(statement)


def manage(*arguments: str, folder: Path, **environment: Any) -> Process:
    """Start a manage.py command with no knobs but those given; STATE_DIR is `folder`."""
    return launch([sys.executable, MANAGE, *arguments], folder=folder, **environment)


def launch(
    command: list[str], *, folder: Path, descriptors: tuple[int, ...] = (), **environment: str
) -> Process:
    """Start a program in the project's folder; it inherits the open `descriptors`."""
    defaults = {
        "PATH": os.environ["PATH"],
        "STATE_DIR": str(folder),
        "JWT_SECRET": "bGl2ZSBzZXJ2ZXJzIG9mIHRoZSB0ZXN0cyBzaGFyZSB0aGlz",
        "REDIS_URL": settings.REDIS_URL,
        # Test machines are busy, and what they do slowly is to succeed nevertheless.
        "SAVE_SECONDS": str(SECONDS),
        "DATABASE_LOCK_SECONDS": str(SECONDS),
        "DATABASE_STATEMENT_SECONDS": str(SECONDS),
    }
    environment = defaults | environment
    with (folder / "stderr").open("ab") as stderr:
        if can_be_forked(command, descriptors, environment):
            return prepared().start(command[1:], environment, stderr)
        return subprocess.Popen(
            command,
            cwd=settings.BASE_DIR,
            pass_fds=descriptors,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )


def can_be_forked(
    command: list[str], descriptors: tuple[int, ...], environment: dict[str, str]
) -> bool:
    """Whether it starts the same from a process that has imported the libraries already. In a
    thorough run everything is started as a user does."""
    # Here, because pytest wants to import its plugins itself.
    from tests.thorough import IS_THOROUGH

    is_of_the_interpreter = any(name.startswith(INTERPRETER) for name in environment)
    is_ours = command[:2] == [sys.executable, MANAGE]
    return is_ours and not (IS_THOROUGH or descriptors or is_of_the_interpreter)


def run_manage(*arguments: str, folder: Path, **environment: str) -> tuple[int, str, str]:
    """Run a manage.py command to its end: exit status, stdout and stderr."""
    before = stderr_of(folder)
    with manage(*arguments, folder=folder, **environment) as process:
        output, _ = process.communicate(timeout=60)
    return process.returncode, output, stderr_of(folder).removeprefix(before)


def stderr_of(folder: Path) -> str:
    file = folder / "stderr"
    return file.read_text() if file.exists() else ""


def open_files(pid: int) -> list[str]:
    """What the process `pid` has open; a busy one may close some while they are read."""
    found = []
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(str(file.readlink()))
    return found


class Socket:
    """A WebSocket to a live server, with frames as dicts."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, frame: str | bytes) -> dict[str, Any]:
        """Send a raw frame and return the answer."""
        self.connection.send(frame)
        return self.read()

    def read(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.connection.recv(timeout=SECONDS))
        return answer

    def ask(self, action: str, **members: Any) -> dict[str, Any]:
        """Send a frame with `requestId` 1 and return the whole answer."""
        return self.send(json.dumps({"action": action, "requestId": 1, **members}))


class Server:
    """`manage.py serve` on a free port of the loopback interface."""

    def __init__(
        self, database: Database, folder: Path, *arguments: str, **environment: str
    ) -> None:
        self.database = database
        self.folder = folder
        self.arguments = arguments
        self.environment = {"DATABASE_URL": database.url} | environment
        self.sockets = ExitStack()
        self.start()

    def start(self) -> None:
        """Returns when the server listens, which its first line says."""
        self.process = manage(
            *("serve", "--host", "127.0.0.1", "--port", "0", *self.arguments),
            folder=self.folder,
            **self.environment,
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        match = re.search(r"ws://127\.0\.0\.1:(\d+)", line)
        if match is None:
            self.kill()
            pytest.fail(f"the server did not start: {line}{self.log}")
        self.address = f"127.0.0.1:{match[1]}"

    @property
    def url(self) -> str:
        return f"ws://{self.address}/api/websocket"

    @property
    def log(self) -> str:
        """What it has written to stderr."""
        return stderr_of(self.folder)

    @property
    def resident_bytes(self) -> int:
        """Memory of the process now."""
        return self._memory("VmRSS")

    @property
    def peak_bytes(self) -> int:
        """The most memory that the process has had since `forget_peak`."""
        return self._memory("VmHWM")

    def forget_peak(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def _memory(self, kind: str) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        match = re.search(rf"{kind}:\s+(\d+) kB", status)
        assert match
        return int(match[1]) * 1024

    def connect(self, login: str | None = None, url: str | None = None, **options: Any) -> Socket:
        """Open a WebSocket, authenticated as `login`; `options` are those of websockets."""
        options = SOCKET_OPTIONS | options
        client = Socket(self.sockets.enter_context(connect(url or self.url, **options)))
        if login:
            answer = client.ask("authenticate", token=self.database.access[login])
            assert answer["status"] == "success", answer
        return client

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        """GET over HTTP: status and JSON."""
        connection = HTTPConnection(self.address, timeout=SECONDS)
        with closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def terminate(self) -> int:
        """Ask it to end, as a service manager does; returns its exit status."""
        self.process.terminate()
        return self.wait()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        status = self.process.wait(SECONDS)
        assert self.process.stdout
        self.process.stdout.close()
        return status

    def close(self) -> None:
        """End what is still there, and show stderr, which pytest prints if the test failed."""
        self.sockets.close()
        if self.process.poll() is None:
            self.terminate()
        sys.stderr.write(self.log)
        assert secrets_in(self.log) == []


def open_tcp(server: Server) -> socket.socket:
    """A bare connection to it."""
    host, port = server.address.split(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS)


class StartServer(Protocol):
    """Starts a server with these arguments of `serve` and this environment."""

    def __call__(self, *arguments: str, **environment: str) -> Server: ...


@pytest.fixture(scope="session")
def migrated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """The database that servers of this process get a copy of, when none works on it."""
    own = tmp_path_factory.mktemp("migrated")
    if settings.DATABASE_URL.startswith("postgres"):
        database = migrate(create_postgresql(), own)
        yield database
        database.drop()
        return
    folder = tmp_path_factory.getbasetemp()
    in_parallel = hasattr(request.config, "workerinput")
    yield migrate_once(folder.parent if in_parallel else folder).copy(own)


def migrate_once(folder: Path) -> Database:
    """The database of SQLite in `folder`, which the first process to come makes for all."""
    done = folder / "migrated.json"
    with (folder / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            database = migrate(f"sqlite:///{folder / 'migrated.sqlite3'}", folder)
            done.write_bytes(msgspec.json.encode(database))
    return msgspec.json.decode(done.read_bytes(), type=Database)


def migrate(url: str, folder: Path) -> Database:
    """Make a database of the empty one at `url`."""
    status, _, error = run_manage("migrate", folder=folder, DATABASE_URL=url)
    assert status == 0, error
    status, output, error = run_manage(
        "shell", "--no-imports", "--command", PEOPLE, folder=folder, DATABASE_URL=url
    )
    assert status == 0, error
    people = [line.split() for line in output.splitlines()]
    return Database(
        url,
        access={login: access for login, access, _ in people},
        refresh={login: refresh for login, _, refresh in people},
    )


@contextmanager
def starting(migrated: Database, folder: Path) -> Iterator[StartServer]:
    """Servers that are ended together; each has a folder in `folder`."""
    servers: list[Server] = []

    def start(*arguments: str, **environment: str) -> Server:
        own = folder / f"server-{len(servers)}"
        own.mkdir()
        servers.append(Server(migrated.copy(own), own, *arguments, **environment))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
        server.database.drop()


@pytest.fixture
def start_server(migrated: Database, tmp_path: Path) -> Iterator[StartServer]:
    """For tests that stop, kill or configure a server."""
    with starting(migrated, tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def keep_server(
    migrated: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartServer]:
    """For tests of a module that configure a server alike, and only talk to it."""
    with starting(migrated, tmp_path_factory.mktemp("kept")) as start:
        yield start


@pytest.fixture(scope="session")
def shared_server(migrated: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    server = Server(migrated.copy(folder), folder)
    yield server
    server.close()
    server.database.drop()


@pytest.fixture
def server(shared_server: Server) -> Iterator[Server]:
    """A server for tests that only talk to it: all of them share one."""
    yield shared_server
    shared_server.sockets.close()
