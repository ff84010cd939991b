"""What one turn of the event loop reads of those who have to wait."""

import asyncio
from collections.abc import Callable
from math import ceil

import pytest

from devicehive.serving import turns as module
from devicehive.serving.addresses import Address
from devicehive.serving.turns import AFTERWARDS_SECONDS, SHARED_SECONDS, Turns


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock, so that reading takes only the time that is charged."""
    monkeypatch.setattr(module, "monotonic", lambda: 0.0)


@pytest.fixture
def turns() -> Turns:
    return Turns()


def address(name: str) -> Address:
    return Address(name, trusted=False)


def reader(turns: Turns, read: list[str], name: str) -> Callable[[], None]:
    """Takes one frame."""

    def take() -> None:
        read.append(name)
        turns.charge(AFTERWARDS_SECONDS)

    return take


async def test_who_comes_first_is_read_at_once(turns: Turns) -> None:
    read: list[str] = []
    turns.take(address("a"), reader(turns, read, "a"))
    assert read == ["a"]


async def test_a_turn_of_the_loop_reads_so_much_however_many_wait(turns: Turns) -> None:
    read: list[str] = []
    most = ceil(SHARED_SECONDS / AFTERWARDS_SECONDS)
    for number in range(3 * most + 1):
        turns.take(address(str(number)), reader(turns, read, "frame"))
    counts = [len(read)]
    for _ in range(4):
        await asyncio.sleep(0)
        counts.append(len(read))
    assert counts == [most, 2 * most, 3 * most, 3 * most + 1, 3 * most + 1]


async def test_addresses_take_turns_however_many_connections_each_has(turns: Turns) -> None:
    read: list[str] = []
    crowd, one = address("crowd"), address("one")
    for _ in range(8):
        turns.queue(crowd, reader(turns, read, "crowd"))
    for _ in range(2):
        turns.queue(one, reader(turns, read, "one"))
    for _ in range(10):
        await asyncio.sleep(0)
    assert read == ["crowd", "one"] * 2 + ["crowd"] * 6


async def test_who_has_more_than_a_turn_reads_on_behind_the_others(turns: Turns) -> None:
    read: list[str] = []
    flooder = address("flooder")

    def flood() -> None:
        read.append("flooder")
        turns.charge(AFTERWARDS_SECONDS)
        turns.queue(flooder, flood)

    turns.queue(flooder, flood)
    turns.queue(address("other"), reader(turns, read, "other"))
    await asyncio.sleep(0)
    assert read[:3] == ["flooder", "other", "flooder"]


async def test_a_turn_is_given_although_it_is_longer_than_there_is_time(turns: Turns) -> None:
    read: list[str] = []

    def take_long() -> None:
        read.append("long")
        turns.charge(1.0)

    for name in ("a", "b"):
        turns.queue(address(name), take_long)
    await asyncio.sleep(0)
    assert read == ["long"]
    await asyncio.sleep(0)
    assert read == ["long", "long"]


async def test_who_fails_holds_up_nobody(turns: Turns) -> None:
    read: list[str] = []
    told: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))

    def fail() -> None:
        raise ConnectionError

    turns.queue(address("a"), fail)
    turns.queue(address("b"), reader(turns, read, "b"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert read == ["b"]
    assert [type(each["exception"]) for each in told] == [ConnectionError]
