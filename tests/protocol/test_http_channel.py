"""How long an HTTP connection may take, by a clock set forward, and how far it is read."""

import asyncio
from itertools import pairwise
from math import ceil
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from devicehive.serving import http_channel
from devicehive.serving.http_channel import (
    BODY_SECONDS,
    HEAD_SECONDS,
    IDLE_SECONDS,
    LINGER_SECONDS,
    DeviceChannel,
)
from devicehive.serving.http_turns import ENOUGH_BYTES
from devicehive.serving.turns import AFTERWARDS_SECONDS, SHARED_SECONDS, Turns

HEAD = b"PUT /api/rest/device/lamp HTTP/1.1\r\nHost: dh.example\r\nContent-Length: 4\r\n\r\n"
BEGUN = HEAD[:40]


class Transport(StringTransport):
    """A transport whose writes count as sent at once."""

    connected = True
    protocol: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.dataBuffer, self.offset = b"", 0
        self._tempDataBuffer, self._tempDataLen = (), 0

    def writeSomeData(self, data: bytes) -> int:  # noqa: N802  # Twisted's name
        self.write(data)
        return len(data)

    def loseWriteConnection(self) -> None:  # noqa: N802  # Twisted's name
        pass


class Server:
    """Keeps the requests that are to be answered."""

    root_path = ""

    def __init__(self) -> None:
        self.turns = Turns()
        self.asked: list[Any] = []

    def protocol_connected(self, request: Any) -> None:
        pass

    protocol_disconnected = protocol_connected

    def create_application(self, request: Any, scope: dict[str, Any]) -> None:
        self.asked.append(request)

    def answer(self) -> None:
        request = self.asked.pop()
        request.handle_reply({"type": "http.response.start", "status": 204, "headers": []})
        request.handle_reply({"type": "http.response.body"})


class Client:
    def __init__(self, clock: Clock, server: Server | None = None) -> None:
        self.server = server or Server()
        self.transport = Transport()
        self.transport.protocol = self.channel = DeviceChannel()
        self.channel.factory = SimpleNamespace(server=self.server, log=http_channel.log_nothing)
        vars(self.channel)["callLater"] = clock.callLater
        self.channel.makeConnection(self.transport)

    async def sends(self, data: bytes) -> None:
        self.channel.dataReceived(data)
        await asyncio.sleep(0)  # It may wait for its turn.

    @property
    def status(self) -> bytes:
        """Of the answer that came last."""
        lines: list[bytes] = self.transport.value().split(b"HTTP/1.1 ")
        return lines[-1][:3]

    @property
    def is_dropped(self) -> bool:
        return bool(self.transport.disconnecting or self.transport.disconnected)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(http_channel, "monotonic", clock.seconds)
    return clock


@pytest.fixture
def client(clock: Clock) -> Client:
    return Client(clock)


async def refused_late(client: Client, clock: Clock, seconds: int, drip: bytes) -> bool:
    """Whether it is refused after `seconds`, not before, and a byte a second buys nothing."""
    for _ in range(seconds - 1):
        clock.advance(1)
        await client.sends(drip)
        assert client.status != b"408"
    clock.advance(1)
    return client.status == b"408"


async def test_a_head_has_ten_seconds_however_slowly_it_comes(client: Client, clock: Clock) -> None:
    await client.sends(BEGUN)
    assert await refused_late(client, clock, HEAD_SECONDS, b"x")
    assert not client.is_dropped
    clock.advance(LINGER_SECONDS)
    assert client.is_dropped


async def test_a_body_has_a_minute_however_slowly_it_comes(client: Client, clock: Clock) -> None:
    await client.sends(HEAD.replace(b"4", b"400"))
    assert await refused_late(client, clock, BODY_SECONDS, b"x")


async def test_an_answer_is_waited_for(client: Client, clock: Clock) -> None:
    await client.sends(HEAD + b"{}  ")
    clock.pump([30] * 20)
    assert client.status == b""
    client.server.answer()
    assert client.status == b"204"
    assert not client.is_dropped


async def test_an_idle_connection_is_closed_after_a_minute(client: Client, clock: Clock) -> None:
    for _ in range(3):
        await client.sends(HEAD + b"{}  ")
        client.server.answer()
        clock.pump([1] * (IDLE_SECONDS - 1))
        assert not client.is_dropped
    clock.advance(1)
    assert client.is_dropped
    assert client.status == b"204"


async def test_the_next_request_of_a_connection_has_ten_seconds_again(
    client: Client, clock: Clock
) -> None:
    await client.sends(HEAD + b"{}  ")
    client.server.answer()
    clock.advance(33)
    await client.sends(BEGUN)
    assert await refused_late(client, clock, HEAD_SECONDS, b"")


async def test_a_head_behind_another_request_has_its_time_too(client: Client, clock: Clock) -> None:
    await client.sends(HEAD + b"{}  " + BEGUN)
    client.server.answer()
    clock.pump([1] * BODY_SECONDS)
    assert client.status == b"408"


async def test_who_leaves_leaves_no_timer_that_fires(client: Client, clock: Clock) -> None:
    await client.sends(BEGUN)
    client.channel.connectionLost()
    clock.pump([HEAD_SECONDS] * 3)
    assert not clock.getDelayedCalls()


async def test_a_pipeline_is_read_as_far_as_it_is_answered(client: Client) -> None:
    whole = HEAD + b"{}  "
    await client.sends(whole * 1_000)
    for answered in range(1_000):
        left = (1_000 - answered) * len(whole)
        expected = "paused" if left - len(whole) > ENOUGH_BYTES else "producing"
        assert client.transport.producerState == expected
        client.server.answer()
        await asyncio.sleep(0)
    assert client.transport.value().count(b"HTTP/1.1 204") == 1_000


async def test_who_drips_is_read_when_it_has_had_its_turn(client: Client) -> None:
    client.server.turns.charge(SHARED_SECONDS)
    states = []
    for number in range(3):
        client.channel.dataReceived(HEAD[number : number + 1])
        states.append(client.transport.producerState)
    await asyncio.sleep(0)
    states.append(client.transport.producerState)
    assert states == ["producing", "paused", "paused", "producing"]


async def test_what_comes_of_a_pipeline_later_is_answered_later(client: Client) -> None:
    for path in (b"one", b"two", b"three", b"four"):
        await client.sends(HEAD.replace(b"lamp", path) + b"{}  ")
    paths = []
    while client.server.asked:
        paths.append(client.server.asked[0].path.rpartition(b"/")[2])
        client.server.answer()
        await asyncio.sleep(0)
    assert paths == [b"one", b"two", b"three", b"four"]


async def test_a_turn_of_the_loop_begins_few_requests_however_many_connections_send(
    clock: Clock,
) -> None:
    server = Server()
    clients = [Client(clock, server) for _ in range(20)]
    for client in clients:
        client.channel.dataReceived(HEAD + b"{}  ")
    most = ceil(SHARED_SECONDS / AFTERWARDS_SECONDS)
    begun = [len(server.asked)]
    while len(server.asked) < len(clients):
        await asyncio.sleep(0)
        begun.append(len(server.asked))
    assert max(now - before for before, now in pairwise([0, *begun])) <= most
