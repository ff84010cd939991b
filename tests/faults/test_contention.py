"""Many connections that save the same devices at once."""

import asyncio
import json
from itertools import cycle, islice

import pytest
from websockets.asyncio.client import connect

from tests.conftest import success
from tests.server import SOCKET_OPTIONS, Server, StartServer


async def save_all(server: Server, device_ids: list[str], together: asyncio.Barrier) -> list[str]:
    """Save these devices over one connection without waiting in between; the raw answers."""
    async with connect(server.url, **SOCKET_OPTIONS) as socket:
        token = server.database.access["bob"]
        await socket.send(json.dumps({"action": "authenticate", "token": token}))
        await socket.recv()
        await together.wait()
        for device_id in device_ids:
            frame = {"action": "device/save", "requestId": 1, "deviceId": device_id}
            await socket.send(json.dumps(frame | {"device": {"name": device_id}}))
        return [str(await socket.recv()) for _ in device_ids]


async def save_together(server: Server, orders: list[list[str]]) -> list[dict[str, object]]:
    together = asyncio.Barrier(len(orders))
    answers = await asyncio.gather(*(save_all(server, order, together) for order in orders))
    return [json.loads(answer) for batch in answers for answer in batch]


async def test_fifty_first_saves_of_one_device(server: Server) -> None:
    answers = await save_together(server, [["same-first"]] * 50)
    assert answers == [success("device/save")] * 50
    assert server.connect("bob").ask("device/count", name="same-first")["count"] == 1


@pytest.mark.postgresql
async def test_fifty_first_saves_of_one_device_on_two_processes(
    start_server: StartServer,
) -> None:
    server = start_server("--processes", "2")
    answers = await save_together(server, [["same-first"]] * 50)
    assert answers == [success("device/save")] * 50


@pytest.mark.postgresql
async def test_twenty_savers_of_the_same_devices_on_two_processes(
    start_server: StartServer,
) -> None:
    server = start_server("--processes", "2")
    devices = [f"shared-{number}" for number in range(10)]
    orders = [list(islice(cycle(devices), start, start + 100)) for start in range(20)]
    orders = [order[::-1] if number % 2 else order for number, order in enumerate(orders)]
    answers = await save_together(server, orders)
    assert answers == [success("device/save")] * 2000
