"""A database that goes away, comes back, or does not answer."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.conftest import success
from tests.faults.load import load, stored
from tests.faults.raw_socket import frame, raw_socket
from tests.server import Server, StartServer, execute

SAVE = '{"action":"device/save","requestId":1,"deviceId":"lamp","device":{"name":"Lamp"}}'


def end_connections(server: Server) -> None:
    name = urlsplit(server.database.url).path[1:]
    execute(
        f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
    )


@contextmanager
def locked(server: Server) -> Iterator[None]:
    """Nobody else can save a device meanwhile."""
    url = server.database.url
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(url) as connection:
            connection.execute("LOCK devices_device")
            yield


@pytest.mark.postgresql
async def test_a_lost_connection_fails_what_is_in_flight_and_no_more(
    start_server: StartServer,
) -> None:
    server = start_server()
    async with load(server) as running:
        for _ in range(5):
            await running.acknowledges(200)
            end_connections(server)
        await running.acknowledges(200)
        running.stopping = True
    for saver in running.savers:
        assert saver.close_code is None
        assert {answer["code"] for answer in saver.failures} <= {500}
    saves = stored(server, running.savers)
    for saver, saved in zip(running.savers, saves, strict=True):
        assert saved >= saver.acknowledged


@pytest.mark.postgresql
def test_a_connection_lost_while_idle_fails_nothing(start_server: StartServer) -> None:
    server = start_server()
    device = server.connect("bob")
    for _ in range(3):
        assert device.send(SAVE) == success("device/save")
        end_connections(server)
    assert device.send(SAVE) == success("device/save")
    assert device.ask("device/count") == success("device/count", count=1)


def test_a_stopping_server_does_not_wait_for_a_hanging_database(
    start_server: StartServer,
) -> None:
    server = start_server(DRAIN_SECONDS="1")
    with raw_socket(server, "bob") as client:
        with locked(server):
            client.socket.sendall(frame(SAVE))
            assert server.terminate() == 0
        assert client.close_code() == 1012
