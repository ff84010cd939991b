"""PostgreSQL accepts connections but does nothing: all waiting clients are told."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import refused, success
from tests.faults.own_postgresql import OwnPostgreSQL
from tests.server import SECONDS, Database, Server, Socket

pytestmark = pytest.mark.postgresql
UNAVAILABLE = 503, "Service is temporarily unavailable"
NEVER = "3600"

Both = tuple[OwnPostgreSQL, Server]


@pytest.fixture
def both(migrated_postgresql: tuple[OwnPostgreSQL, Database], tmp_path: Path) -> Iterator[Both]:
    """A server that would wait an hour for a statement or a lock, and its PostgreSQL."""
    own, database = migrated_postgresql
    waits = {"DATABASE_STATEMENT_SECONDS": NEVER, "DATABASE_LOCK_SECONDS": NEVER}
    server = Server(database, tmp_path, SAVE_SECONDS="3", **waits)
    yield own, server
    server.close()


REQUESTS: dict[str, dict[str, Any]] = {
    "device/list": {},
    "device/get": {"deviceId": "nothing"},
    "command/list": {"deviceId": "nothing"},
    "network/insert": {"network": {"name": "A network that comes too early"}},
    "user/insert": {"user": {"login": "dave", "password": "Passw0rd!", "role": 1, "status": 0}},
    "user/getCurrent": {},
    "token": {"login": "bob", "password": "a guess of his"},
    "notification/subscribe": {"deviceId": "nothing"},
}


@pytest.mark.parametrize("action", REQUESTS)
def test_who_waits_for_it_is_refused(both: Both, action: str) -> None:
    own, server = both
    clients = [server.connect("alice") for _ in range(3)]
    with own.frozen():
        for client in clients:
            client.connection.send(
                json.dumps({"action": action, "requestId": 1} | REQUESTS[action])
            )
        for client in clients:
            assert client.read() == refused(action, *UNAVAILABLE)
        # From then on at once.
        assert clients[0].ask(action, **REQUESTS[action]) == refused(action, *UNAVAILABLE)
    answers(clients[0], success("device/count", count=1))


def answers(client: Socket, answer: dict[str, Any]) -> None:
    """With its return the database is found alive, by whoever asks."""
    deadline = time.monotonic() + SECONDS
    while client.ask("device/count") != answer:
        assert time.monotonic() < deadline


def ask(server: Server, method: str, path: str, **headers: str) -> tuple[int, bytes]:
    connection = HTTPConnection(server.address, timeout=SECONDS)
    with closing(connection):
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()


def test_over_http_too(both: Both) -> None:
    own, server = both
    token = {"Authorization": f"Bearer {server.database.access['bob']}"}
    session = {"Cookie": "sessionid=of-nobody"}
    told = b'{"error":503,"message":"Service is temporarily unavailable"}'
    with own.frozen():
        assert ask(server, "GET", "/api/rest/device", **token) == (503, told)
        # More than there are threads for them.
        statuses = [ask(server, "GET", "/admin/", **session)[0] for _ in range(6)]
    assert statuses == [503] * 6
    assert "Traceback" not in server.log
    answers(server.connect("bob"), success("device/count", count=0))
    assert ask(server, "GET", "/admin/", **session)[0] == 302


def test_one_that_is_only_busy_is_waited_for(both: Both) -> None:
    own, server = both
    client = server.connect("bob")
    with own.transaction() as somebody:
        somebody.execute("LOCK devices_device")
        client.connection.send('{"action":"device/count","requestId":1}')
        time.sleep(5)  # Longer than a frozen one is waited for.
    assert client.read() == success("device/count", count=0)
