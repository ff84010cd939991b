"""Polls that wait, on a real process (REST 3.4 and 3.5)."""

import asyncio
import json
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from tests.faults.raw_http import open_waiter, raw_http, request
from tests.server import Server, StartServer

MANY = 2_000
MOST_BYTES_EACH = 40 * 1_024


def ask(server: Server, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """As bob, on a connection of its own."""
    with raw_http(server) as client:
        content = b"" if body is None else json.dumps(body).encode()
        client.send(request(server, path, method=method, body=content))
        return client.read(method)


@pytest.fixture
def device_id(server: Server) -> str:
    return make_device(server)


def make_device(server: Server) -> str:
    id_ = str(uuid4())
    assert ask(server, "PUT", f"device/{id_}", {"name": "Lamp"})[0] == 204
    return id_


def insert(server: Server, device_id: str, name: str = "dim") -> dict[str, Any]:
    status, command = ask(server, "POST", f"device/{device_id}/command", {"command": name})
    assert status == 201, command
    return dict(command)


def poll(server: Server, path: str) -> "Future[tuple[int, Any]]":
    return ThreadPoolExecutor(1).submit(ask, server, "GET", path)


def assert_told(waiting: "Future[tuple[int, Any]]", server: Server, device_id: str) -> None:
    """Insert until the poll is answered: with the first that came while it waited, or with those
    that came after it did and before it listened."""
    inserted = []
    while not waiting.done():
        inserted.append(insert(server, device_id))
    status, told = waiting.result()
    assert status == 200
    assert told
    assert [command for command in told if command not in inserted] == []


# --- One -------------------------------------------------------------------------------------


def test_a_poll_is_answered_by_an_insert(server: Server, device_id: str) -> None:
    for path in f"device/{device_id}/command/poll", f"device/command/poll?deviceId={device_id}":
        assert_told(poll(server, path), server, device_id)


def test_a_poll_hears_only_what_it_asked_for(server: Server, device_id: str) -> None:
    waiting = poll(server, f"device/{device_id}/command/poll?names=wanted")
    told = []
    while not waiting.done():
        insert(server, device_id, "other")
        told.append(insert(server, device_id, "wanted"))
    status, heard = waiting.result()
    assert (status, {command["command"] for command in heard}) == (200, {"wanted"})
    assert [command for command in heard if command not in told] == []


def test_a_poll_for_updates_hears_no_insert(server: Server, device_id: str) -> None:
    waiting = poll(server, f"device/{device_id}/command/poll?returnUpdatedCommands=true")
    while not waiting.done():
        command = insert(server, device_id)
        ask(server, "PUT", f"device/{device_id}/command/{command['id']}", {"status": "done"})
    status, heard = waiting.result()
    assert (status, {command["status"] for command in heard}) == (200, {"done"})
    assert all(command["lastUpdated"] > command["timestamp"] for command in heard)


def test_a_wait_ends_with_the_update_of_this_command(server: Server, device_id: str) -> None:
    other, awaited = insert(server, device_id), insert(server, device_id)
    path = f"device/{device_id}/command"
    waiting = poll(server, f"{path}/{awaited['id']}/poll")
    ask(server, "PUT", f"{path}/{other['id']}", {"status": "done"})
    ask(server, "PUT", f"{path}/{awaited['id']}", {"status": "ok", "result": {"a": 1}})
    status, command = waiting.result()
    assert status == 200
    assert (command["id"], command["status"], command["result"]) == (awaited["id"], "ok", {"a": 1})


def test_when_time_is_up_there_is_nothing(server: Server, device_id: str) -> None:
    command = insert(server, device_id)
    path = f"device/{device_id}/command"
    assert ask(server, "GET", f"{path}/poll?waitTimeout=1") == (200, [])
    assert ask(server, "GET", f"{path}/{command['id']}/poll?waitTimeout=1") == (204, None)


def test_a_connection_goes_on_after_a_poll(server: Server, device_id: str) -> None:
    """Also if the next request came while the poll waited."""
    path = f"device/{device_id}"
    with raw_http(server) as client:
        client.send(request(server, f"{path}/command/poll?waitTimeout=1"))
        client.send(request(server, path))
        assert client.read() == (200, [])
        assert client.read()[1]["id"] == device_id


@pytest.mark.postgresql
def test_a_poll_hears_of_other_processes(both: tuple[Server, Server]) -> None:
    first, second = both
    device_id = make_device(first)
    assert_told(poll(second, f"device/{device_id}/command/poll"), first, device_id)


# --- Many --------------------------------------------------------------------------------------


def threads_of(server: Server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))


@pytest.mark.soak
async def test_many_polls_are_answered_by_one_insert(start_server: StartServer) -> None:
    server = start_server()
    device_id = await asyncio.to_thread(make_device, server)
    await asyncio.to_thread(insert, server, device_id)
    before, threads = server.resident_bytes, threads_of(server)
    # All have to begin before the first has waited a minute, and alice's take fewer queries.
    path = f"device/{device_id}/command/poll?names=all&waitTimeout=60"
    data = request(server, path, login="alice")
    waiters = [await open_waiter(server, data) for _ in range(MANY)]
    # Requests are handed to the threads in order, so that these come after all of the polls.
    for _ in range(20):
        await asyncio.to_thread(ask, server, "GET", "device/count")
    each = (server.resident_bytes - before) / MANY
    assert threads_of(server) <= threads + settings.DATABASE_THREADS
    assert each <= MOST_BYTES_EACH
    command = await asyncio.to_thread(insert, server, device_id, "all")
    answers = [await waiter.read() for waiter in waiters]
    assert answers == [(200, [command])] * MANY


BUSY = {"error": 503, "message": "Service is temporarily unavailable"}
TOO_MANY = {"error": 429, "message": "HTTP 429 Too Many Requests"}


async def refused_of_three(server: Server, headers: str = "") -> tuple[int, Any]:
    """What one of three polls is told at once; the others wait until there is something."""
    device_id = await asyncio.to_thread(make_device, server)
    data = request(server, f"device/{device_id}/command/poll?waitTimeout=60", headers=headers)
    reads = [asyncio.create_task((await open_waiter(server, data)).read()) for _ in range(3)]
    (first,), others = await asyncio.wait(reads, return_when=asyncio.FIRST_COMPLETED)
    while not all(other.done() for other in others):
        await asyncio.to_thread(insert, server, device_id)
    assert [other.result()[0] for other in others] == [200, 200]
    return first.result()


async def test_a_process_has_few_polls_that_wait(start_server: StartServer) -> None:
    server = start_server(WAITING_POLLS="2")
    assert await refused_of_three(server) == (503, BUSY)
    poll = "device/command/poll?waitTimeout=0"
    assert await asyncio.to_thread(ask, server, "GET", poll) == (200, [])


async def test_an_address_has_few_polls_that_wait(start_server: StartServer) -> None:
    server = start_server(WAITING_POLLS_OF_ADDRESS="2", TRUST_PROXY="on")
    assert await refused_of_three(server, "X-Forwarded-For: 203.0.113.1\r\n") == (429, TOO_MANY)


# --- The end -----------------------------------------------------------------------------------


async def test_a_stop_answers_who_waits(start_server: StartServer) -> None:
    server = start_server()
    device_id = await asyncio.to_thread(make_device, server)
    command = await asyncio.to_thread(insert, server, device_id)
    path = f"device/{device_id}/command"
    polls = [request(server, f"{path}/poll"), request(server, "device/notification/poll")]
    wait = request(server, f"{path}/{command['id']}/poll")
    waiters = [await open_waiter(server, data) for data in (*polls, wait)]
    await asyncio.to_thread(server.get, "/livez")
    assert await asyncio.to_thread(server.terminate) == 0
    assert [await waiter.read() for waiter in waiters] == [(200, []), (200, []), (204, None)]
