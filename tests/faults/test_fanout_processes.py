"""Events reach the subscribers of all processes, wherever they were stored."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from tests.conftest import success
from tests.faults.telling import assert_heard, listening, telling
from tests.server import Server, Socket, StartServer, run_manage

LAMP = {"name": "Lamp"}


def subscribe(server: Server, login: str = "bob", **members: Any) -> tuple[Socket, int]:
    socket = server.connect(login)
    return socket, socket.ask("notification/subscribe", **members)["subscriptionId"]


def insert(socket: Socket, device_id: str, name: str) -> None:
    answer = socket.ask(
        "notification/insert", deviceId=device_id, notification={"notification": name}
    )
    assert answer["status"] == "success", answer


@pytest.mark.postgresql
def test_a_subscriber_hears_a_device_on_the_other_process(both: tuple[Server, Server]) -> None:
    first, second = both
    device = first.connect("bob")
    assert device.ask("device/save", deviceId="heard-lamp", device=LAMP) == success("device/save")
    subscriber, id_ = subscribe(second, deviceId="heard-lamp")
    insert(device, "heard-lamp", "lit")
    push = subscriber.read()
    assert (push["notification"]["notification"], push["subscriptionId"]) == ("lit", id_)


@pytest.mark.postgresql
def test_subscription_ids_are_unique_among_processes(both: tuple[Server, Server]) -> None:
    ids = [subscribe(server)[1] for server in both * 20]
    assert len(set(ids)) == 40
    assert all(0 < id_ < 1 << 53 for id_ in ids)


@pytest.mark.postgresql
async def test_both_hear_what_both_tell(both: tuple[Server, Server]) -> None:
    async with listening(both) as listeners:
        async with telling(both) as tellers:
            await listeners[0].hears(500)
        await assert_heard(listeners, tellers)


@pytest.mark.postgresql
def test_what_a_killed_process_has_stored_is_heard(two_servers: tuple[Server, Server]) -> None:
    """Stored and acknowledged, but perhaps not sent to the other process any more."""
    first, second = two_servers
    socket = first.connect("bob")
    socket.ask("device/save", deviceId="lamp", device=LAMP)
    subscriber, _ = subscribe(second, deviceId="lamp")
    for number in range(100):
        insert(socket, "lamp", str(number))
    first.kill()
    heard = [subscriber.read()["notification"]["notification"] for _ in range(100)]
    assert heard == [str(number) for number in range(100)]


def assert_hears_savedevice(server: Server, device_id: str) -> None:
    subscriber, id_ = subscribe(server, "alice", names=["$device-add"])
    status, _, error = run_manage(
        *("savedevice", device_id, "--name", "Lamp", "--as", "alice"),
        folder=server.folder,
        **server.environment,
    )
    assert status == 0, error
    push = subscriber.read()
    assert (push["subscriptionId"], push["notification"]["deviceId"]) == (id_, device_id)


def test_what_a_command_line_saves_is_heard_without_redis(start_server: StartServer) -> None:
    assert_hears_savedevice(start_server(REDIS_URL=""), "lamp")


@pytest.mark.postgresql
def test_what_a_command_line_saves_is_heard_by_all(both: tuple[Server, Server]) -> None:
    for server in both:
        assert_hears_savedevice(server, str(uuid4()))


@pytest.mark.postgresql
async def test_what_a_stopping_process_has_acknowledged_is_heard(
    two_servers: tuple[Server, Server],
) -> None:
    first, second = two_servers
    async with listening([second]) as (listener,):
        async with telling([first]) as (teller,):
            await listener.hears(500)
            first.process.terminate()
        await listener.hears(teller.acknowledged)
    assert await asyncio.to_thread(first.wait) == 0
    (heard,) = listener.heard.values()
    assert heard == list(range(len(heard)))


def test_subscribers_are_told_that_the_server_stops(start_server: StartServer) -> None:
    server = start_server(REDIS_URL="")
    subscriber, _ = subscribe(server)
    assert server.terminate() == 0
    with pytest.raises(ConnectionClosed) as closed:
        subscriber.read()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
