"""Devices that send notifications without a pause, and their subscribers."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.server import SECONDS, SOCKET_OPTIONS, Server

IN_FLIGHT = 10
LATE = 3
"""Seconds within which a duplicate event would arrive: a little more than two beats."""


@asynccontextmanager
async def connected(server: Server, login: str) -> AsyncIterator[ClientConnection]:
    async with connect(server.url, **SOCKET_OPTIONS) as socket:
        await ask(socket, "authenticate", token=server.database.access[login])
        yield socket


async def ask(socket: ClientConnection, action: str, **members: Any) -> dict[str, Any]:
    """The answer to a request, which is the next frame but for pushes."""
    await socket.send(json.dumps({"action": action, "requestId": 1, **members}))
    while "status" not in (answer := await read(socket)):
        pass
    assert answer["status"] == "success", answer
    return answer


async def read(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(SECONDS):
        frame: dict[str, Any] = json.loads(await socket.recv())
    return frame


class Teller:
    """A device and its connection; its notifications are numbered from 0."""

    def __init__(self, socket: ClientConnection, device_id: str, padding: int) -> None:
        self.socket = socket
        self.device_id = device_id
        self.padding = "x" * padding
        self.told = self.acknowledged = 0
        self.stopping = False

    async def run(self) -> None:
        """Send notifications until `stopping` or the end of the server; all others must succeed."""
        with suppress(ConnectionClosed):
            while self.told > self.acknowledged or not self.stopping:
                while self.told < self.acknowledged + IN_FLIGHT and not self.stopping:
                    await self.send()
                answer = await read(self.socket)
                assert answer["status"] == "success", answer
                self.acknowledged += 1

    async def send(self) -> None:
        frame = {
            "action": "notification/insert",
            "deviceId": self.device_id,
            "notification": {
                "notification": "count",
                "parameters": {"n": self.told, "padding": self.padding},
            },
        }
        await self.socket.send(json.dumps(frame))
        self.told += 1


@asynccontextmanager
async def telling(servers: Iterable[Server], *, padding: int = 0) -> AsyncIterator[list[Teller]]:
    """A device on each server that sends notifications as fast as they are answered."""
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        tellers = []
        for number, server in enumerate(servers):
            socket = await stack.enter_async_context(connected(server, "bob"))
            device_id = f"teller-{number}-{uuid4().hex[:8]}"
            await ask(socket, "device/save", deviceId=device_id, device={"name": "Teller"})
            tellers.append(Teller(socket, device_id, padding))
            group.create_task(tellers[-1].run())
        yield tellers
        for teller in tellers:
            teller.stopping = True


class Listener:
    """A subscriber that reads all the time, and keeps what it receives, by device."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: dict[str, list[int]] = defaultdict(list)
        self.subscriptions: set[int] = set()
        self.goal = 0
        self.reached = asyncio.Event()

    async def subscribe(self, **members: Any) -> None:
        """To be called before `run`."""
        answer = await ask(self.socket, "notification/subscribe", names=["count"], **members)
        self.subscriptions.add(answer["subscriptionId"])

    async def run(self) -> None:
        async for frame in self.socket:
            self.note(json.loads(frame))

    @property
    def count(self) -> int:
        return sum(map(len, self.heard.values()))

    def note(self, push: dict[str, Any]) -> None:
        assert push["subscriptionId"] in self.subscriptions
        notification = push["notification"]
        self.heard[notification["deviceId"]].append(notification["parameters"]["n"])
        self.look()

    def look(self) -> None:
        if self.count >= self.goal:
            self.reached.set()

    async def hears(self, number: int) -> None:
        """Wait until it has received this many notifications in all."""
        self.goal = number
        self.reached.clear()
        self.look()
        async with asyncio.timeout(SECONDS):
            await self.reached.wait()


@asynccontextmanager
async def listening(servers: Iterable[Server], **members: Any) -> AsyncIterator[list[Listener]]:
    """A subscriber on each server."""
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        listeners = []
        for server in servers:
            listener = Listener(await stack.enter_async_context(connected(server, "bob")))
            await listener.subscribe(**members)
            listeners.append(listener)
        running = [group.create_task(listener.run()) for listener in listeners]
        yield listeners
        for task in running:
            task.cancel()


async def assert_heard(listeners: Iterable[Listener], tellers: Sequence[Teller]) -> None:
    """Each listener has received every notification once, in the order of its device."""
    told = {teller.device_id: list(range(teller.told)) for teller in tellers}
    for listener in listeners:
        await listener.hears(sum(map(len, told.values())))
    await asyncio.sleep(LATE)
    for listener in listeners:
        assert listener.heard == told
