"""A server that cannot start says why in one line."""

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from websockets.sync.client import connect

from devicehive import INTERRUPTED
from tests.server import (
    MANAGE,
    SECONDS,
    SOCKET_OPTIONS,
    Database,
    Process,
    Socket,
    create_postgresql,
    launch,
    manage,
    run_manage,
    stderr_of,
)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "http"),
        ("MAX_MESSAGE_BYTES", "1 MiB"),
        ("DATABASE_URL", "oracle://db/devices"),
        ("DEBUG", "maybe"),
        ("JWT_SECRET", "???"),
        ("DATABASE_URL", "postgres://ci:se#cret@db/devices"),
        ("DATABASE_URL", "postgres://ci:1?cret@db/devices"),
        ("DATABASE_URL", "postgres://ci:1/cret@db/devices"),
        ("REDIS_URL", "redis://:1#cret@redis"),
        ("STATE_DIR", __file__),
        ("STATE_DIR", f"{__file__}/var"),
        ("STATE_DIR", "/proc/var"),
        ("STATE_DIR", "/proc"),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, variable: str, value: str) -> None:
    status, _, error = run_manage("serve", folder=tmp_path, **{variable: value})
    assert status != 0
    assert len(error.splitlines()) == 1
    assert variable in error
    assert "cret" not in error


@pytest.mark.parametrize("shared", [False, True])
def test_a_port_in_use_is_named(tmp_path: Path, migrated: Database, shared: bool) -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=shared) as taken:
        port = taken.getsockname()[1]
        status, _, error = run_manage(
            "serve", "--port", str(port), folder=tmp_path, DATABASE_URL=migrated.url
        )
    assert status != 0
    assert error == f"CommandError: cannot listen on 127.0.0.1:{port}: Address already in use\n"


@pytest.mark.parametrize("port", [-1, 65_536])
def test_the_port_must_be_one(port: int) -> None:
    with pytest.raises(CommandError, match="--port must be 0 to 65535"):
        call_command("serve", port=port)


@pytest.mark.parametrize("processes", [0, -1])
def test_the_number_of_processes_must_be_one(processes: int) -> None:
    with pytest.raises(CommandError, match="--processes must be 1 or more"):
        call_command("serve", processes=processes)


def test_several_processes_need_postgresql_and_redis(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'lonely.sqlite3'}"
    status, _, error = run_manage("serve", "--processes", "2", folder=tmp_path, DATABASE_URL=url)
    assert status != 0
    assert error == (
        "CommandError: 2 processes need PostgreSQL (DATABASE_URL=postgres://...) "
        "and Redis (REDIS_URL=redis://...)\n"
    )


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """A file that is no database."""
    file = tmp_path / "text"
    file.write_text("a text that is longer than the head of a file of SQLite, " * 2)
    return file


@pytest.mark.parametrize(
    ("command", "url", "reason"),
    [
        ("migrate", "postgres://nobody@127.0.0.1:1/nothing", "Connection refused"),
        ("migrate", "sqlite:////proc/nothing", "unable to open database file (/proc/nothing)"),
        ("migrate", "sqlite:///{text}", "file is not a database ({text})"),
        ("createadmin", "sqlite:///{text}", "file is not a database ({text})"),
        ("watch", "sqlite:///{text}", "file is not a database ({text})"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_a_line(
    tmp_path: Path, text: Path, command: str, url: str, reason: str
) -> None:
    url, reason = url.format(text=text), reason.format(text=text)
    status, _, error = run_manage(command, folder=tmp_path, DATABASE_URL=url)
    assert (status, len(error.splitlines())) == (1, 1), error
    assert error.startswith("the database failed: ")
    assert error.endswith(f"{reason}\n")


def test_a_database_without_tables_is_told_in_a_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    status, _, error = run_manage("createuser", "bob", folder=tmp_path, DATABASE_URL=url)
    assert status == 1
    assert re.fullmatch(r"the database lacks \d+ migrations; run \S+ \S+manage.py migrate\n", error)


def test_the_traceback_is_there_for_who_wants_it(tmp_path: Path, text: Path) -> None:
    url = f"sqlite:///{text}"
    _, _, error = run_manage("migrate", "--traceback", folder=tmp_path, DATABASE_URL=url)
    assert error.startswith("Traceback ")


def test_ctrl_c_while_django_is_imported_ends_without_a_word(tmp_path: Path) -> None:
    marked = "import signal; signal.raise_signal(signal.SIGINT)"
    program = (
        "import sys, devicehive.__main__ as program\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, *rest):\n"
        f"        if name == 'django.core': {marked}\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "program.main()\n"
    )
    with launch([sys.executable, "-c", program], folder=tmp_path) as process:
        output, _ = process.communicate(timeout=SECONDS)
    assert (process.returncode, output, stderr_of(tmp_path)) == (INTERRUPTED, "", "")


def test_a_password_is_asked_for_on_a_terminal_only(tmp_path: Path, migrated: Database) -> None:
    command = [sys.executable, MANAGE, "createuser", "dora", "--prompt"]
    ended = subprocess.run(
        command,
        env={"STATE_DIR": str(tmp_path), "DATABASE_URL": migrated.url},
        input="typed",
        capture_output=True,
        text=True,
        start_new_session=True,  # Without a terminal of its own, however the tests are run.
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (
        1,
        "CommandError: there is no terminal to ask on; see --password-env\n",
    )


def test_a_server_without_tables_does_not_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    status, output, error = run_manage("serve", "--port", "0", folder=tmp_path, DATABASE_URL=url)
    assert (status, output) == (1, "")
    assert re.fullmatch(r"CommandError: the database lacks \d+ migrations; run .* migrate\n", error)


def test_two_that_prepare_the_same_database_take_turns(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    if settings.DATABASE_URL.startswith("postgres"):
        url = create_postgresql()
    database = Database(url, {}, {})
    try:
        for command in ["migrate", "--verbosity", "0"], ["createadmin"]:
            both = [manage(*command, folder=tmp_path, DATABASE_URL=url) for _ in range(2)]
            outputs = [process.communicate(timeout=SECONDS)[0] for process in both]
            assert [process.returncode for process in both] == [0, 0], stderr_of(tmp_path)
        assert "exists; nothing was changed." in "".join(outputs)
    finally:
        database.drop()


@pytest.fixture
def greet(migrated: Database, tmp_path: Path) -> Iterator[Callable[..., list[str]]]:
    """Starts a server, and gives the URLs that it prints for devices and for people."""
    started: list[Process] = []

    def greet(**environment: str) -> list[str]:
        environment = {"DATABASE_URL": migrated.url} | environment
        started.append(manage("serve", "--port", "0", folder=tmp_path, **environment))
        lines = started[-1].stdout
        assert lines
        return [lines.readline().split()[-1] for _ in range(2)]

    yield greet
    for process in started:
        process.terminate()
        process.communicate(timeout=SECONDS)


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("127.0.0.1", ["127.0.0.1"]),
        ("0.0.0.0", ["127.0.0.1", "localhost"]),
        pytest.param("::1", ["[::1]"], marks=needs_ipv6),
        pytest.param("[::1]", ["[::1]"], marks=needs_ipv6),
        pytest.param("::", ["[::1]", "127.0.0.1"], marks=needs_ipv6),
    ],
)
def test_it_is_reached_where_it_says(
    greet: Callable[..., list[str]], host: str, names: list[str]
) -> None:
    devices, people = greet(HOST=host)
    port = devices.rpartition(":")[2].partition("/")[0]
    assert devices == f"ws://{names[0]}:{port}/api/websocket"
    assert people == f"http://{names[0]}:{port}/admin/"
    for name in names:
        with connect(f"ws://{name}:{port}/api/websocket", **SOCKET_OPTIONS) as client:
            answer = Socket(client).ask("server/info")
        assert answer["info"]["restServerUrl"] == f"http://{name}:{port}/api/rest"


def test_people_are_told_a_name_that_is_allowed(greet: Callable[..., list[str]]) -> None:
    devices, people = greet(ALLOWED_HOSTS=".example.org,other.example", PATH_PREFIX="iot")
    port = devices.rpartition(":")[2].partition("/")[0]
    assert devices == f"ws://127.0.0.1:{port}/iot/api/websocket"
    assert people == f"http://example.org:{port}/iot/admin/"
