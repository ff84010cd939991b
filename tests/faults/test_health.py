"""/livez and /readyz, as a load balancer sees them."""

from pathlib import Path
from typing import Any

import pytest

from devicehive import __version__
from devicehive.serving.health import NO_DATABASE
from tests.faults.raw_http import raw_http
from tests.server import Database, Server, StartServer, run_manage


def not_ready(*reasons: str) -> tuple[int, dict[str, Any]]:
    return 503, {"status": "not ready", "version": __version__, "reasons": [*reasons]}


def test_a_server_with_its_database_is_ready(server: Server) -> None:
    assert server.get("/livez") == (200, {"status": "alive"})
    assert server.get("/readyz") == (200, {"status": "ready", "version": __version__})


def test_a_server_without_its_database_lives_but_is_not_ready(start_server: StartServer) -> None:
    server = start_server(DATABASE_URL="postgres://nobody@127.0.0.1:1/nothing")
    assert server.get("/livez") == (200, {"status": "alive"})
    assert server.get("/readyz") == not_ready(NO_DATABASE)
    assert server.connect().ask("server/info")["status"] == "success"


def ask(server: Server, method: str, path: str, host: str) -> tuple[int, bytes]:
    with raw_http(server) as client:
        client.send(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        status, body, _ = client.read_whole(method)
    return status, body


@pytest.fixture(scope="module")
def named(keep_server: StartServer) -> Server:
    return keep_server(ALLOWED_HOSTS="devices.example.org")


def test_probes_may_come_under_any_name(named: Server) -> None:
    for host in named.address, "dh_server", "10.0.0.1:80":
        for path in "/livez", "/readyz":
            assert ask(named, "GET", path, host)[0] == 200
            assert ask(named, "HEAD", path, host) == (200, b"")


def test_a_name_that_is_refused_leaves_one_line(named: Server) -> None:
    assert ask(named, "GET", "/admin/login/", "devices.example.org")[0] == 200
    assert ask(named, "GET", "/admin/login/", "dh_server")[0] == 400
    (line,) = [line for line in named.log.splitlines() if "HTTP_HOST" in line]
    assert "Invalid HTTP_HOST header: 'dh_server'" in line
    assert "Traceback" not in named.log


def test_a_migration_that_is_missing_is_named(start_server: StartServer) -> None:
    server = start_server()
    server.database.execute("DELETE FROM django_migrations WHERE name = '0004_messages'")
    reason = "the database lacks migrations: devices.0004_messages"
    assert server.get("/readyz") == server.get("/readyz") == not_ready(reason)
    assert server.log.count(f"not ready: {reason}") == 1


def test_a_full_disk_is_seen_before_a_save_fails(start_server: StartServer, tmp_path: Path) -> None:
    """One that has not the room for the longest message, however long that may be."""
    database = f"sqlite:///{tmp_path}/full.sqlite3"
    run_manage("migrate", folder=tmp_path, DATABASE_URL=database)
    server = start_server(DATABASE_URL=database, MAX_MESSAGE_BYTES=str(1 << 60))
    assert server.get("/readyz") == not_ready("the disk of the database is full")


@pytest.mark.postgresql
def test_a_database_that_only_reads_is_not_ready(
    start_server: StartServer, migrated: Database
) -> None:
    option = "options=-c%20default_transaction_read_only%3Don"
    server = start_server(DATABASE_URL=f"{migrated.url}?{option}")
    assert server.get("/readyz") == not_ready("the database can only be read")
