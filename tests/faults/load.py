"""Load: connections that save as fast as they are answered, each its own device."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.server import SECONDS, SOCKET_OPTIONS, Server

IN_FLIGHT = 20


@dataclass
class Saver:
    """One connection. Its device counts in `data` how often it was saved."""

    device_id: str
    sent: int = 0
    acknowledged: int = 0
    """The last save that was answered with success."""
    failures: list[dict[str, Any]] = field(default_factory=list)
    close_code: int | None = None


class Load:
    def __init__(self, server: Server, connections: int) -> None:
        self.server = server
        self.savers = [Saver(f"load-{uuid4()}") for _ in range(connections)]
        self.goal = 0
        self.reached = asyncio.Event()
        self.limit = 0
        self.refused = asyncio.Event()
        self.stopping = False

    async def acknowledges(self, saves: int) -> None:
        """Wait until this many more saves are acknowledged."""
        self.goal = self.acknowledged + saves
        self.reached.clear()
        await asyncio.wait_for(self.reached.wait(), SECONDS)

    async def fails(self, saves: int) -> None:
        """Wait until this many more saves are refused."""
        self.limit = self.failed + saves
        self.refused.clear()
        await asyncio.wait_for(self.refused.wait(), SECONDS)

    @property
    def failed(self) -> int:
        return sum(len(saver.failures) for saver in self.savers)

    @property
    def acknowledged(self) -> int:
        return sum(saver.acknowledged for saver in self.savers)

    async def run(self, saver: Saver) -> None:
        try:
            async with connect(self.server.url, **SOCKET_OPTIONS) as socket:
                token = self.server.database.access["bob"]
                await socket.send(json.dumps({"action": "authenticate", "token": token}))
                await socket.recv()
                for _ in range(IN_FLIGHT):
                    await self.save(saver, socket)
                while saver.sent > saver.acknowledged + len(saver.failures):
                    self.count(saver, json.loads(await socket.recv()))
                    if not self.stopping:
                        # Closed: what was answered before is still to be read.
                        with suppress(ConnectionClosed):
                            await self.save(saver, socket)
        except ConnectionClosed as closed:
            saver.close_code = closed.rcvd.code if closed.rcvd else 1006

    async def save(self, saver: Saver, socket: ClientConnection) -> None:
        saver.sent += 1
        frame = {
            "action": "device/save",
            "requestId": saver.sent,
            "deviceId": saver.device_id,
            "device": {"name": "Counter", "data": {"saves": saver.sent}},
        }
        await socket.send(json.dumps(frame))

    def count(self, saver: Saver, answer: dict[str, Any]) -> None:
        if answer["status"] != "success":
            saver.failures.append(answer)
            if self.failed >= self.limit:
                self.refused.set()
            return
        saver.acknowledged = answer["requestId"] - len(saver.failures)
        if self.acknowledged >= self.goal:
            self.reached.set()


@asynccontextmanager
async def load(server: Server, *, connections: int = 10) -> AsyncIterator[Load]:
    """Runs in the background until `stopping` is set or the server ends the connections."""
    running = Load(server, connections)
    async with asyncio.TaskGroup() as group:
        for saver in running.savers:
            group.create_task(running.run(saver))
        yield running


def stored(server: Server, savers: list[Saver]) -> list[int]:
    """How often each device was saved, by what the server has stored; 0 for a missing one."""
    socket = server.connect("bob")
    answers = [socket.ask("device/get", deviceId=saver.device_id) for saver in savers]
    return [answer["device"]["data"]["saves"] if "device" in answer else 0 for answer in answers]


def assert_nothing_is_lost(server: Server, savers: list[Saver]) -> None:
    """No connection was closed, all failures were 503, and all acknowledged saves are stored."""
    for saver in savers:
        assert saver.close_code is None
        assert {answer["code"] for answer in saver.failures} <= {503}
    for saver, saved in zip(savers, stored(server, savers), strict=True):
        assert saved >= saver.acknowledged
