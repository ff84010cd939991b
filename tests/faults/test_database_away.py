"""PostgreSQL is stopped, restarted or hangs; what devices are answered meanwhile."""

import json
from contextlib import closing
from http.client import HTTPConnection

import pytest

from tests.conftest import refused, success
from tests.faults.load import assert_nothing_is_lost, load
from tests.faults.own_postgresql import OwnPostgreSQL
from tests.server import SECONDS, Server

pytestmark = pytest.mark.postgresql
UNAVAILABLE = 503, "Service is temporarily unavailable"
LAMP = {"deviceId": "lamp", "device": {"name": "Lamp"}}

Both = tuple[OwnPostgreSQL, Server]


def save_over_rest(server: Server) -> tuple[int, str | None, bytes]:
    connection = HTTPConnection(server.address, timeout=SECONDS)
    headers = {
        "Authorization": f"Bearer {server.database.access['bob']}",
        "Content-Type": "application/json",
    }
    with closing(connection):
        connection.request("PUT", "/api/rest/device/lamp", json.dumps(LAMP["device"]), headers)
        response = connection.getresponse()
        return response.status, response.headers["Retry-After"], response.read()


def test_while_it_is_away_requests_are_refused_and_with_its_return_they_succeed(
    postgresql: Both,
) -> None:
    own, server = postgresql
    device = server.connect("bob")
    assert device.ask("device/save", **LAMP) == success("device/save")
    own.stop()
    for _ in range(20):
        assert device.ask("device/save", **LAMP) == refused("device/save", *UNAVAILABLE)
        assert device.ask("device/list") == refused("device/list", *UNAVAILABLE)
    answer = b'{"error":503,"message":"Service is temporarily unavailable"}'
    assert save_over_rest(server) == (503, "1", answer)
    own.start()
    # Each at the first try: nobody goes on waiting for what is there.
    assert device.ask("device/save", **LAMP) == success("device/save")
    assert device.ask("device/count") == success("device/count", count=1)
    assert save_over_rest(server) == (204, None, b"")


def test_failures_of_the_database_are_told_in_few_lines(postgresql: Both) -> None:
    own, server = postgresql
    device = server.connect("bob")
    own.stop()
    for _ in range(200):
        assert device.ask("device/save", **LAMP) == refused("device/save", *UNAVAILABLE)
    own.start()
    assert "connection failed" in server.log
    assert "Traceback" not in server.log
    assert len(server.log.splitlines()) < 100


async def test_restarts_lose_nothing_that_was_acknowledged(postgresql: Both) -> None:
    own, server = postgresql
    async with load(server) as running:
        for _ in range(3):
            await running.acknowledges(200)
            own.stop()
            own.start()
        await running.acknowledges(200)
        running.stopping = True
    assert_nothing_is_lost(server, running.savers)


async def test_one_that_does_nothing_is_waited_for_only_so_long_and_loses_nothing(
    postgresql: Both,
) -> None:
    own, server = postgresql
    async with load(server) as running:
        await running.acknowledges(200)
        with own.frozen():
            await running.fails(len(running.savers))
        await running.acknowledges(200)
        running.stopping = True
    assert_nothing_is_lost(server, running.savers)


def test_a_locked_row_stops_the_saves_of_its_device_alone(postgresql: Both) -> None:
    own, server = postgresql
    first, second = server.connect("bob"), server.connect("bob")
    assert first.ask("device/save", **LAMP) == success("device/save")
    with own.transaction() as somebody:
        somebody.execute("SELECT * FROM devices_device WHERE id = 'lamp' FOR UPDATE")
        for number in range(20):
            changed = LAMP | {"device": {"name": f"Lamp {number}"}}
            first.connection.send(json.dumps({"action": "device/save", **changed}))
        for number in range(20):
            sun = {"deviceId": f"sun-{number}", "device": {"name": "Sun"}}
            assert second.ask("device/save", **sun) == success("device/save")
        answers = [first.read() for _ in range(20)]
    assert {(answer["code"], answer["error"]) for answer in answers} == {UNAVAILABLE}
    assert first.ask("device/get", deviceId="lamp")["device"]["name"] == "Lamp"
    assert first.ask("device/save", **changed) == success("device/save")


def test_what_was_locked_for_a_moment_is_saved_in_order(postgresql: Both) -> None:
    own, server = postgresql
    first, second = server.connect("bob"), server.connect("bob")
    assert first.ask("device/save", **LAMP) == success("device/save")
    with own.transaction() as somebody:
        somebody.execute("SELECT * FROM devices_device WHERE id = 'lamp' FOR UPDATE")
        for number in range(20):
            device = {"name": f"Lamp {number}"}
            frame = {"action": "device/save", "deviceId": "lamp", "device": device}
            first.connection.send(json.dumps(frame))
        # One that is answered shows that those before it have been found locked.
        sun = {"deviceId": "sun", "device": {"name": "Sun"}}
        assert second.ask("device/save", **sun) == success("device/save")
    assert {first.read()["status"] for _ in range(20)} == {"success"}
    assert first.ask("device/get", deviceId="lamp")["device"]["name"] == "Lamp 19"


def test_a_migration_that_locks_the_table_is_waited_for_only_so_long(postgresql: Both) -> None:
    own, server = postgresql
    device = server.connect("bob")
    with own.transaction() as somebody:
        somebody.execute("LOCK devices_device")
        assert device.ask("device/save", **LAMP) == refused("device/save", *UNAVAILABLE)
        assert device.ask("device/list") == refused("device/list", *UNAVAILABLE)
    assert device.ask("device/save", **LAMP) == success("device/save")
