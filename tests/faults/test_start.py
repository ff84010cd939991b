"""A server that cannot start says why in one line."""

import socket
from pathlib import Path

import pytest

from tests.server import Database, run_manage


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "http"),
        ("MAX_MESSAGE_BYTES", "1 MiB"),
        ("DATABASE_URL", "oracle://db/devices"),
        ("DEBUG", "maybe"),
        ("JWT_SECRET", "???"),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, variable: str, value: str) -> None:
    status, _, error = run_manage("serve", folder=tmp_path, **{variable: value})
    assert status != 0
    assert len(error.splitlines()) == 1
    assert variable in error


@pytest.mark.parametrize("shared", [False, True])
def test_a_port_in_use_is_named(tmp_path: Path, migrated: Database, shared: bool) -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=shared) as taken:
        port = taken.getsockname()[1]
        status, _, error = run_manage(
            "serve", "--port", str(port), folder=tmp_path, DATABASE_URL=migrated.url
        )
    assert status != 0
    assert error == f"CommandError: cannot listen on 127.0.0.1:{port}: Address already in use\n"


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_the_port_must_be_one(tmp_path: Path, port: str) -> None:
    status, _, error = run_manage("serve", "--port", port, folder=tmp_path)
    assert status != 0
    assert error == "CommandError: --port must be 0 to 65535\n"


@pytest.mark.parametrize("processes", ["0", "-1"])
def test_the_number_of_processes_must_be_one(tmp_path: Path, processes: str) -> None:
    status, _, error = run_manage("serve", "--processes", processes, folder=tmp_path)
    assert status != 0
    assert error == "CommandError: --processes must be 1 or more\n"


def test_several_processes_need_postgresql_and_redis(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'lonely.sqlite3'}"
    status, _, error = run_manage("serve", "--processes", "2", folder=tmp_path, DATABASE_URL=url)
    assert status != 0
    assert error == (
        "CommandError: 2 processes need PostgreSQL (DATABASE_URL=postgres://...) "
        "and Redis (REDIS_URL=redis://...)\n"
    )
