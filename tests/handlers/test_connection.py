"""Frames over the real consumer: many at once, answered in order (protocol, 1.2 and 1.6)."""

import asyncio
import dataclasses
import json
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator

from devicehive.asgi import router
from devicehive.events.hub import hub
from devicehive.log.lines import members_of
from devicehive.protocol.actions import Caller, registry
from devicehive.protocol.consumers import MOST_PENDING
from devicehive.serving import database
from devicehive.serving.addresses import stays
from devicehive.serving.hashing import Turn, hashing
from devices.models import Device, User
from devices.services import tokens

# The consumer has threads of its own for the database, so what tests store must be committed.
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

PATIENCE = 30
"""Seconds within which a server that works has answered, on any machine."""


class Socket:
    """A client that does not wait for answers unless told to."""

    def __init__(self) -> None:
        self.communicator = WebsocketCommunicator(router, "/api/websocket")
        self.batched: list[bool] = []
        self.communicator.scope["extensions"] = {
            "devicehive.batched": self.batched.append,
            "devicehive.push": self.push,
            "devicehive.known": bool,
            "devicehive.vain": list,
        }

    def push(self, head: bytes, tail: bytes) -> None:
        text = (head + tail).decode()
        """As a server does it for its consumer."""
        self.communicator.output_queue.put_nowait({"type": "websocket.send", "text": text})

    async def send(self, action: str, **members: Any) -> None:
        await self.send_text(json.dumps({"action": action, **members}))

    async def send_text(self, text: str) -> None:
        await self.communicator.send_to(text_data=text)

    async def receive(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(await self.communicator.receive_from(PATIENCE))
        return answer

    async def save(self, request_id: int, device_id: object, **device: Any) -> None:
        await self.send("device/save", requestId=request_id, deviceId=device_id, device=device)


def talk(conversation: Callable[[Socket], Coroutine[Any, Any, None]], user: User | None) -> None:
    """Hold a conversation on a new connection of `user`."""
    asyncio.run(connected(conversation, token_of(user) if user else None))


async def connected(
    conversation: Callable[[Socket], Coroutine[Any, Any, None]], token: str | None
) -> None:
    socket = Socket()
    assert await socket.communicator.connect(PATIENCE) == (True, None)
    if token is not None:
        await socket.send("authenticate", token=token)
        assert (await socket.receive())["status"] == "success"
    await conversation(socket)
    await socket.communicator.disconnect(timeout=PATIENCE)


def token_of(user: User) -> str:
    return tokens.issue(user, tokens.scope_of(user)).access


@contextmanager
def held(threads: Executor) -> Iterator[None]:
    """Keep a pool of one thread busy."""
    release = Event()
    busy = threads.submit(release.wait)
    try:
        yield
    finally:
        release.set()
        busy.result()


def test_pipelined_saves_are_answered_in_order(bob: User) -> None:
    async def conversation(socket: Socket) -> None:
        await socket.save(1, "a", name="A")
        await socket.save(2, "b b", name="B")  # refused before it is queued
        await socket.save(3, "c")  # refused when it is written
        await socket.send("server/info", requestId=4)
        await socket.send_text("{")
        await socket.save(5, "d", name="D")
        answers = [await socket.receive() for _ in range(6)]
        assert [(answer.get("requestId"), answer["status"]) for answer in answers] == [
            (1, "success"),
            (2, "error"),
            (3, "error"),
            (4, "success"),
            (None, "error"),
            (5, "success"),
        ]

    talk(conversation, bob)
    assert Device.objects.filter(id__in=["a", "d"]).count() == 2


def test_a_connection_is_read_first_while_it_saves(bob: User) -> None:
    async def conversation(socket: Socket) -> None:
        await socket.save(1, "a", name="A")
        await socket.save(2, "a", name="B")
        await socket.send("server/info", requestId=3)
        await socket.save(4, "a", name="C")
        await socket.send_text("{")
        for _ in range(5):
            await socket.receive()
        authenticate, saves = True, True
        assert socket.batched == [authenticate, saves, False, saves, False]

    talk(conversation, bob)


def test_a_bug_among_saves_is_answered_in_order_and_logged_once(
    bob: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def conversation(socket: Socket) -> None:
        await socket.save(1, "a", name="A")
        await socket.save(2, "broken", name="B")
        await socket.save(3, "c", name="C")
        answers = [await socket.receive() for _ in range(3)]
        assert [(answer["requestId"], answer.get("code")) for answer in answers] == [
            (1, None),
            (2, 500),
            (3, None),
        ]

    def save(caller: Caller, params: Any) -> Any:
        if params.device_id == "broken":
            raise ZeroDivisionError("a bug")
        return action.handler(caller, params)

    action = registry["device/save"]
    monkeypatch.setitem(registry, "device/save", dataclasses.replace(action, handler=save))
    talk(conversation, bob)
    assert Device.objects.filter(id__in=["a", "broken", "c"]).count() == 2
    (record,) = [each for each in caplog.records if each.levelname == "ERROR"]
    members = members_of(record)
    assert (members["action"], members["request"]) == ("device/save", "2")


def test_anything_else_waits_for_the_saves_before_it(bob: User) -> None:
    async def conversation(socket: Socket) -> None:
        await socket.save(1, "lamp", name="Lamp")
        await socket.send("device/get", deviceId="lamp")
        await socket.save(2, "lamp", name="Sun")
        await socket.send("device/list", name="Sun")
        await socket.send("device/delete", deviceId="lamp")
        await socket.save(3, "lamp")
        answers = [await socket.receive() for _ in range(6)]
        assert answers[1]["device"]["name"] == "Lamp"
        assert [device["id"] for device in answers[3]["devices"]] == ["lamp"]
        assert answers[4]["status"] == "success"
        assert answers[5]["error"] == "name field cannot be null."

    talk(conversation, bob)


def test_a_save_is_by_whoever_the_frame_before_it_made_one(bob: User, charlie: User) -> None:
    async def conversation(socket: Socket) -> None:
        await socket.save(1, "a", name="A")
        await socket.send("authenticate", token=of_charlie)
        await socket.save(2, "b", name="B")
        await socket.send("authenticate", token=of_bob)
        await socket.save(3, "c", name="C")
        answers = [await socket.receive() for _ in range(5)]
        assert [answer.get("error") for answer in answers] == [
            None,
            None,
            "No access to network!",
            None,
            None,
        ]

    of_bob, of_charlie = token_of(bob), token_of(charlie)
    talk(conversation, bob)


def test_of_two_tokens_sent_at_once_the_last_counts(bob: User, charlie: User) -> None:
    async def conversation(socket: Socket) -> None:
        await socket.send("authenticate", token=of_bob)
        await socket.send("authenticate", token="none")
        await socket.send("authenticate", token=of_charlie)
        await socket.send("user/getCurrent")
        answers = [await socket.receive() for _ in range(4)]
        assert [answer["status"] for answer in answers] == ["success", "error", *["success"] * 2]
        assert answers[3]["current"]["login"] == "charlie"

    of_bob, of_charlie = token_of(bob), token_of(charlie)
    talk(conversation, None)


def test_more_saves_than_may_be_pending(bob: User) -> None:
    async def conversation(socket: Socket) -> None:
        numbers = range(3 * MOST_PENDING)
        for number in numbers:
            await socket.save(number, "lamp", name=f"Lamp {number}")
        answers = [await socket.receive() for _ in numbers]
        assert answers == [
            {"action": "device/save", "requestId": number, "status": "success"}
            for number in numbers
        ]

    talk(conversation, bob)
    assert Device.objects.get(id="lamp").name == f"Lamp {3 * MOST_PENDING - 1}"


def test_fifty_connections_save_one_id_for_the_first_time(bob: User) -> None:
    async def conversation(socket: Socket) -> None:
        await socket.save(1, "lamp", name="Lamp")
        assert await socket.receive() == {
            "action": "device/save",
            "requestId": 1,
            "status": "success",
        }

    async def together() -> None:
        await asyncio.gather(*(connected(conversation, token) for _ in range(50)))

    token = token_of(bob)
    asyncio.run(together())
    assert Device.objects.filter(id="lamp").count() == 1


def test_a_save_is_kept_even_if_nobody_waits_for_the_answer(bob: User) -> None:
    async def conversation(socket: Socket) -> None:
        await socket.save(1, "lamp", name="Lamp")

    talk(conversation, bob)
    assert Device.objects.filter(id="lamp").exists()


def test_a_binary_frame_closes_after_what_came_before(bob: User) -> None:
    async def conversation(socket: Socket) -> None:
        await socket.save(1, "lamp", name="Lamp")
        await socket.communicator.send_to(bytes_data=b"{}")
        assert (await socket.receive())["status"] == "success"
        assert await socket.communicator.receive_output(PATIENCE) == {
            "type": "websocket.close",
            "code": 1003,
        }

    talk(conversation, bob)


def test_who_only_asks_is_not_held_up_by_a_slow_transaction(bob: User) -> None:
    async def conversation(socket: Socket) -> None:
        await socket.send("server/info")
        assert (await socket.receive())["status"] == "success"
        await socket.send("device/count")
        assert (await socket.receive())["status"] == "success"

    with held(database.WRITER):
        talk(conversation, bob)


def test_a_save_is_not_held_up_by_slow_passwords(bob: User) -> None:
    async def conversation(socket: Socket) -> None:
        await socket.save(1, "lamp", name="Lamp")
        assert (await socket.receive())["status"] == "success"

    release = Event()
    for number in range(hashing.threads):
        hashing.submit(Turn("slow", str(number)), release.wait, has_left=stays)
    try:
        talk(conversation, bob)
    finally:
        release.set()


def test_a_subscription_is_answered_before_its_replay(bob: User, device: Device) -> None:
    async def conversation(socket: Socket) -> None:
        for name in "first", "second":
            insert = {"deviceId": "bobs-lamp", "notification": {"notification": name}}
            await socket.send("notification/insert", **insert)
            assert (await socket.receive())["status"] == "success"
        await socket.send("notification/subscribe", deviceId="bobs-lamp", timestamp=0)
        await socket.send("server/info")
        answer, *pushes, info = [await socket.receive() for _ in range(4)]
        assert answer["status"] == "success"
        assert [push["notification"]["notification"] for push in pushes] == ["first", "second"]
        assert {push["subscriptionId"] for push in pushes} == {answer["subscriptionId"]}
        assert info["action"] == "server/info"

    talk(conversation, bob)


def test_who_has_gone_listens_no_more(bob: User) -> None:
    async def conversation(socket: Socket) -> None:
        await socket.send("notification/subscribe")
        assert (await socket.receive())["status"] == "success"
        assert hub.has_listeners

    talk(conversation, bob)
    assert not hub.has_listeners
