"""A database that goes away, comes back, or does not answer."""

import resource
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

from tests.conftest import refused, success
from tests.faults.load import assert_nothing_is_lost, load
from tests.faults.raw_socket import frame, raw_socket
from tests.server import SECONDS, Server, Socket, StartServer, execute

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
    assert_nothing_is_lost(server, running.savers)


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


def test_a_save_waits_only_so_long_for_a_database_that_somebody_else_writes(
    start_server: StartServer,
) -> None:
    server = start_server(SAVE_SECONDS="1", DATABASE_STATEMENT_SECONDS="1")
    device = server.connect("bob")
    with locked(server):
        unavailable = refused("device/save", 503, "Service is temporarily unavailable")
        assert device.send(SAVE) == unavailable
    wait_for_end_of_refusals(device)
    assert device.ask("device/count") == success("device/count", count=1)


def wait_for_end_of_refusals(device: Socket) -> None:
    """Wait for the end of the batch that hung: until then, further saves are refused too."""
    deadline = time.monotonic() + SECONDS
    while device.send(SAVE) != success("device/save"):
        assert time.monotonic() < deadline


def test_a_full_disk_is_told_and_nothing_else_goes_wrong(start_server: StartServer) -> None:
    server = start_server()
    if server.database.url.startswith("postgres"):
        pytest.skip("its disk is not ours to fill")
    device = server.connect("bob")
    assert device.send(SAVE) == success("device/save")
    photo = {"name": "Photo", "data": {"photo": "x" * 900_000}}
    with no_room(server):
        answer = device.ask("device/save", deviceId="photo", device=photo)
        assert answer == refused("device/save", 507, "Storage is full")
        assert device.ask("device/count") == success("device/count", count=1)
    answer = device.ask("device/save", deviceId="photo", device=photo)
    assert answer == success("device/save")


def test_nothing_is_acknowledged_that_the_next_start_will_not_find(
    start_server: StartServer,
) -> None:
    server = start_server()
    if server.database.url.startswith("postgres"):
        pytest.skip("its files are not ours to move")
    file = Path(server.database.url.removeprefix("sqlite:///"))
    device = server.connect("bob")
    assert device.send(SAVE) == success("device/save")
    unavailable = refused("device/save", 503, "Service is temporarily unavailable")
    moved = file.rename(file.with_name("moved"))
    assert device.send(SAVE) == unavailable
    file.write_bytes(moved.read_bytes())
    assert device.send(SAVE) == unavailable
    status, body = server.get("/readyz")
    assert (status, body["reasons"]) == (503, ["the database does not answer"])
    moved.rename(file)
    assert device.send(SAVE) == success("device/save")
    assert server.get("/readyz")[0] == 200
    assert "the file of the database was replaced or deleted" in server.log


@contextmanager
def no_room(server: Server) -> Iterator[None]:
    """Meanwhile, no file of the server can grow beyond the size of an empty database."""
    limits = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (500_000, limits[1]))
    yield
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, limits)


@contextmanager
def no_sessions(server: Server) -> Iterator[None]:
    """Meanwhile, every page of the admin waits for its session."""
    with psycopg.connect(server.database.url) as connection:
        connection.execute("LOCK django_session")
        yield


@pytest.mark.postgresql
def test_twenty_slow_pages_of_the_admin_take_nothing_from_sockets(server: Server) -> None:
    pages = [HTTPConnection(server.address, timeout=SECONDS) for _ in range(20)]
    sockets = [server.connect("bob") for _ in range(20)]
    with ExitStack() as stack:
        for page in pages:
            stack.enter_context(closing(page))
        with no_sessions(server):
            for page in pages:
                page.request("GET", "/admin/", headers={"Cookie": "sessionid=of-nobody"})
            wait_for_pages(server)
            for number, each in enumerate(sockets):
                device = {"action": "device/save", "deviceId": f"lamp-{number}"}
                assert each.ask(**device, device={"name": "Lamp"})["status"] == "success"
                assert each.ask("device/get", deviceId=f"lamp-{number}")["status"] == "success"
        assert {page.getresponse().status for page in pages} == {302}


def wait_for_pages(server: Server) -> None:
    """Wait until as many requests wait for the lock as the server lets in."""
    name = urlsplit(server.database.url).path[1:]
    waiting = (
        "SELECT count(*) FROM pg_stat_activity "
        f"WHERE datname = '{name}' AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + SECONDS
    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as connection:
        while connection.execute(waiting).fetchone() != (settings.HTTP_THREADS,):
            assert time.monotonic() < deadline
