"""Subscribing while events arrive: first the answer, then the replay, then what is live."""

import json

import pytest

from tests.faults.telling import Teller, ask, connected, telling
from tests.server import Server

SUBSCRIPTIONS = 8


async def heard(server: Server, teller: Teller) -> list[int]:
    """Subscribe with the time of the server, and listen for a while."""
    async with connected(server, "bob") as socket:
        request = {
            "action": "notification/subscribe",
            "timestamp": (await ask(socket, "server/info"))["info"]["serverTimestamp"],
            "deviceId": teller.device_id,
            "names": ["count"],
        }
        await socket.send(json.dumps(request))
        answer = json.loads(await socket.recv())
        assert answer["status"] == "success", answer
        pushes = [json.loads(await socket.recv()) for _ in range(300)]
    assert {push["subscriptionId"] for push in pushes} == {answer["subscriptionId"]}
    return [push["notification"]["parameters"]["n"] for push in pushes]


async def assert_no_gap(servers: list[Server]) -> None:
    async with telling(servers) as tellers:
        for number in range(SUBSCRIPTIONS):
            teller = tellers[number % len(tellers)]
            numbers = await heard(servers[0], teller)
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_no_gap_and_no_duplicate(server: Server) -> None:
    await assert_no_gap([server])


@pytest.mark.postgresql
async def test_no_gap_and_no_duplicate_from_another_process(both: tuple[Server, Server]) -> None:
    await assert_no_gap(list(both))
