"""Presence on real servers: devices connect, disconnect and are killed, alone or with their server
(ADR 30)."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import monotonic

import psycopg
import pytest

from tests.server import SECONDS, Server, Socket, StartServer, run_manage

BATCH = {"PRESENCE_SECONDS": "1"}
LAMP = {"name": "Lamp"}
LONG_AGO = "UPDATE devices_serverprocess SET beat_at = beat_at - interval '30 seconds'"


def come(server: Server, *ids: str) -> list[Socket]:
    """A connection for each device."""
    sockets = [server.connect("bob") for _ in ids]
    for socket, id_ in zip(sockets, ids, strict=True):
        assert socket.ask("device/save", deviceId=id_, device=LAMP)["status"] == "success"
    return sockets


def connected(client: Socket) -> set[str]:
    listed = client.ask("presence/list", connected=True, take=10_000)["presences"]
    return {each["deviceId"] for each in listed}


def until(expected: set[str], look: Callable[[], set[str]]) -> None:
    """Wait until `look` returns `expected`, as it does after the next batch."""
    deadline = monotonic() + SECONDS
    while (found := look()) != expected:
        assert monotonic() < deadline, (found - expected, expected - found)


def close(sockets: list[Socket]) -> None:
    for socket in sockets:
        socket.connection.close()


def test_devices_come_and_go(start_server: StartServer) -> None:
    server = start_server(REDIS_URL="", **BATCH)
    bob = server.connect("bob")
    ids = [f"lamp-{number}" for number in range(20)]
    fleet = come(server, *ids)
    until({*ids}, lambda: connected(bob))
    close(fleet[:10])
    until({*ids[10:]}, lambda: connected(bob))
    come(server, *ids[:5])
    fleet[10].connection.socket.close()  # Without a word.
    until({*ids[:5], *ids[11:]}, lambda: connected(bob))


def test_a_server_that_stops_leaves_nobody_connected(start_server: StartServer) -> None:
    server = start_server(REDIS_URL="", **BATCH)
    come(server, "lamp")
    until({"lamp"}, lambda: connected(server.connect("bob")))
    assert server.terminate() == 0
    assert listed(server, "--connected") == set()
    assert listed(server) == {"lamp"}


def listed(server: Server, *arguments: str) -> set[str]:
    """What `manage.py devices` shows of bob's."""
    status, output, error = run_manage(
        *("devices", "--as", "bob", *arguments), folder=server.folder, **server.environment
    )
    assert status == 0, error
    return {line.partition("\t")[0] for line in output.splitlines()[1:]}


def age_beats(server: Server) -> None:
    """Make the last beats 30 s older; a living process beats again within a second."""
    with closing(psycopg.connect(server.database.url, autocommit=True)) as connection:
        connection.execute(LONG_AGO)


@pytest.mark.postgresql
def test_a_killed_process_leaves_nobody_connected_but_who_is_elsewhere_too(
    start_server: StartServer, tmp_path: Path
) -> None:
    first = start_server(**BATCH)
    second = Server(first.database, tmp_path, **first.environment)
    try:
        come(first, "here", "both", "gone")
        elsewhere = come(second, "both", "there")
        bob = second.connect("bob")
        until({"here", "both", "gone", "there"}, lambda: connected(bob))
        listener = second.connect("bob")
        listener.ask("presence/subscribe", names=["disconnected"])
        first.kill()
        age_beats(first)
        until({"both", "there"}, lambda: connected(bob))
        told = {listener.read()["presence"]["deviceId"] for _ in range(2)}
        assert told == {"here", "gone"}
        close(elsewhere)
        until(set(), lambda: connected(bob))
    finally:
        second.close()


@pytest.mark.postgresql
def test_a_device_with_connections_on_two_processes_is_connected_until_the_last_ends(
    start_server: StartServer, tmp_path: Path
) -> None:
    first = start_server(**BATCH)
    second = Server(first.database, tmp_path, **first.environment)
    try:
        here, there = come(first, "lamp"), come(second, "lamp")
        come(second, "other")
        bob = first.connect("bob")
        until({"lamp", "other"}, lambda: connected(bob))
        listener = first.connect("bob")
        listener.ask("presence/subscribe")
        close(here)
        # Until the first process has written that: then it tells of the other, and no sooner.
        here = come(first, "third")
        until({"lamp", "other", "third"}, lambda: connected(bob))
        assert listener.read()["presence"]["deviceId"] == "third"
        close(there)
        until({"other", "third"}, lambda: connected(bob))
        assert listener.read()["presence"]["deviceId"] == "lamp"
    finally:
        second.close()
