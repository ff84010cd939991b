"""Slow requests of one address are done one after the other."""

import asyncio
from typing import Any

import pytest

from devicehive.serving import lanes
from devicehive.serving.http_queue import HttpQueue
from devicehive.serving.lanes import Lane

STRANGER, OTHER = "203.0.113.7", "198.51.100.8"


class Pages:
    """An application that makes a page when it is told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.finish = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.begun.append(scope["client"][0])
        await self.finish.wait()


async def settle() -> None:
    """Let everybody go as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_pages_of_one_address_are_made_one_after_the_other() -> None:
    pages = Pages()
    queue = HttpQueue(pages)

    def ask(host: str) -> Any:
        scope = {"type": "http", "client": (host, 4242)}
        return asyncio.ensure_future(queue(scope, None, None))

    asked = [ask(STRANGER), ask(STRANGER), ask(STRANGER), ask(OTHER)]
    await settle()
    assert pages.begun == [STRANGER, OTHER]
    pages.finish.set()
    await asyncio.gather(*asked)
    assert pages.begun == [STRANGER, OTHER, STRANGER, STRANGER]


async def enter(lane: Lane, entered: list[str], name: str, leave: asyncio.Event) -> None:
    async with lane.enter():
        entered.append(name)
        await leave.wait()


async def test_what_takes_too_long_is_waited_for_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "LANE_SECONDS", 0.01)
    lane = Lane()
    async with lane.enter(), lane.enter():
        pass
    async with lane.enter():  # Nobody has left it twice.
        pass


async def test_who_fails_or_leaves_lets_the_next_enter() -> None:
    lane, entered, leave = Lane(), list[str](), asyncio.Event()
    with pytest.raises(ZeroDivisionError):
        async with lane.enter():
            raise ZeroDivisionError
    gone = asyncio.ensure_future(enter(lane, entered, "gone", leave))
    waits = asyncio.ensure_future(enter(lane, entered, "waits", leave))
    await settle()
    gone.cancel()
    await settle()
    assert entered == ["gone", "waits"]
    leave.set()
    await waits
