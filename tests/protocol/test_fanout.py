"""Events between processes, over a channel layer that is theirs (devicehive/events/fanout.py)."""

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from channels.layers import InMemoryChannelLayer

from devicehive.events import fanout
from devicehive.events import layer as layer_module
from devicehive.events.event import COMMAND_LINE, PROCESS
from devicehive.events.fanout import Fanout
from devicehive.events.hub import Hub
from devicehive.events.layer import AWAY
from devicehive.events.peers import SILENT
from tests.protocol.test_hub import Listener, event


class Layer:
    """A channel layer as Redis makes one: it can be away, and then raises and loses messages."""

    def __init__(self) -> None:
        self.is_away = False
        self.members: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self.messages: list[dict[str, Any]] = []

    def check(self) -> None:
        if self.is_away:
            raise AWAY[-1]("away")

    async def new_channel(self) -> str:
        self.check()
        return f"channel-{len(self.members)}"

    async def group_add(self, group: str, channel: str) -> None:
        self.check()
        self.members[channel] = asyncio.Queue()

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.check()
        self.messages.append(message)
        for queue in self.members.values():
            queue.put_nowait(message)

    async def receive(self, channel: str) -> dict[str, Any]:
        return await self.members[channel].get()

    async def flush(self) -> None:
        self.members.clear()


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> Layer:
    layer = Layer()
    monkeypatch.setattr(layer_module, "get_channel_layer", lambda: layer)
    return layer


@pytest.fixture(autouse=True)
def _stopped() -> Iterator[None]:
    yield
    Fanout.running = None


async def settle() -> None:
    """Let all tasks go as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def start() -> tuple[Fanout, Listener]:
    hub = Hub()
    process, listener = Fanout(hub), Listener(hub).start()
    process.start()
    await settle()
    return process, listener


async def test_own_subscribers_hear_once_and_the_others_by_one_message(layer: Layer) -> None:
    process, listener = await start()
    process.hand_over(iter([event("a"), event("b")]))
    process.hand_over([event("c")])
    await settle()
    assert listener.heard == ["a", "b", "c"]
    beat, message = layer.messages
    assert (beat["number"], message["number"], message["sender"]) == (1, 2, PROCESS)
    await process.stop()


async def test_what_another_process_sends_is_heard(layer: Layer) -> None:
    process, listener = await start()
    sent = {"type": "events", "sender": 7, "number": 1, "sent_at": 0.0}
    await layer.group_send("", sent | {"events": msgspec.json.encode([event("a")])})
    await settle()
    assert listener.heard == ["a"]
    await process.stop()


async def test_a_stopping_process_sends_what_waits(layer: Layer) -> None:
    process, _ = await start()
    process.spread([event("last")])
    await process.stop()
    assert b"last" in layer.messages[-1]["events"]


async def test_without_redis_own_subscribers_hear_and_numbers_are_missing(layer: Layer) -> None:
    layer.is_away = True
    process, listener = await start()
    process.hand_over([event("a")])
    await settle()
    layer.is_away = False
    process.hand_over([event("b")])
    await settle()
    assert listener.heard == ["a", "b"]
    assert [message["number"] for message in layer.messages] == [3]
    await process.stop()


async def test_events_are_not_made_when_nobody_can_listen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(layer_module, "get_channel_layer", InMemoryChannelLayer)
    process = Fanout(Hub())
    process.start()
    never = (pytest.fail("it was looked at") for _ in range(1))
    process.hand_over(never)
    await process.stop()


async def test_a_stopped_process_is_a_command_line(layer: Layer) -> None:
    process, _ = await start()
    assert fanout.origin() == PROCESS
    await process.stop()
    assert fanout.origin() is None


def test_a_command_line_tells_through_redis_alone(layer: Layer) -> None:
    fanout.publish_now(iter([event("a")]))
    (message,) = layer.messages
    assert (message["sender"], message["number"]) == (COMMAND_LINE, 0)


def test_a_command_line_does_without_redis(layer: Layer) -> None:
    layer.is_away = True
    fanout.publish_now([event("a")])
    assert layer.messages == []


async def test_what_nobody_else_wants_is_not_sent(layer: Layer) -> None:
    process, listener = await start_long_ago()
    process.spread([event("a")])
    process.announce([event("b")])
    await settle()
    assert listener.heard == ["a", "b"]
    assert b'"a"' not in layer.messages[-1]["events"]
    assert b'"b"' in layer.messages[-1]["events"]
    await process.stop()


async def test_events_that_nobody_wants_anywhere_are_not_made(layer: Layer) -> None:
    process, listener = await start_long_ago()
    process.hub.remove(listener.subscription)
    process.hand_over(pytest.fail("it was looked at") for _ in range(1))
    await process.stop()


async def test_who_begins_to_listen_tells_the_others_at_once_and_they_send(layer: Layer) -> None:
    process, listener = await start_long_ago()
    sent = {"type": "events", "sender": 7, "sent_at": 0.0, "events": b"[]", "sent": []}
    await layer.group_send("", sent | {"number": 1, "wanted": ["notification/insert"]})
    await settle()
    assert layer.messages[-1]["sent"] == ["notification/insert"]
    process.hand_over([event("a")])
    await settle()
    assert b'"a"' in layer.messages[-1]["events"]
    process.hub.remove(listener.subscription)
    Listener(process.hub, action="command/insert")
    await settle()
    # And of what it listened to just now: who polls will come again.
    assert set(layer.messages[-1]["wanted"]) == {"command/insert", "notification/insert"}
    await process.stop()


async def start_long_ago() -> tuple[Fanout, Listener]:
    """A process that knows by now what the others want: nothing, or there are none."""
    process, listener = await start()
    process.peers.began_at -= SILENT
    assert process.outbox is not None
    process.outbox.due.set()
    await settle()
    return process, listener
