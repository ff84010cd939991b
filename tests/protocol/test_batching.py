"""Group commit, without a database and without a clock."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from threading import Event
from typing import Any

import pytest

from devicehive.orm.portions import BATCH_BYTES
from devicehive.orm.transactions import Locked
from devicehive.protocol.refusals import Refused
from devicehive.serving.batching import GroupCommit


class Ledger:
    """A `commit` that the test lets begin and end."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = Event()
        self.may_end = Event()
        self.may_end.set()
        self.error: Exception | None = None

    def hold(self) -> None:
        self.begun.clear()
        self.may_end.clear()

    def commit(self, items: Sequence[int]) -> list[str]:
        self.batches.append(list(items))
        self.begun.set()
        assert self.may_end.wait(10)
        if self.error is not None:
            raise self.error
        return [f"result {item}" for item in items]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def queue(ledger: Ledger) -> Iterator[GroupCommit[int, str]]:
    with ThreadPoolExecutor(1) as executor:
        yield GroupCommit(ledger.commit, executor=executor, limit=3, patience=60)


async def begin(queue: GroupCommit[int, str], ledger: Ledger, item: int) -> asyncio.Future[str]:
    """Submit `item` and return when it is being committed, which then does not end."""
    ledger.hold()
    future = queue.submit(item)
    assert await asyncio.to_thread(ledger.begun.wait, 10)
    return future


async def test_one_is_a_batch_of_one(queue: GroupCommit[int, str], ledger: Ledger) -> None:
    assert await queue.submit(1) == "result 1"
    assert ledger.batches == [[1]]


async def test_what_arrives_together_is_committed_together(
    queue: GroupCommit[int, str], ledger: Ledger
) -> None:
    results = await asyncio.gather(queue.submit(1), queue.submit(2))
    assert results == ["result 1", "result 2"]
    assert ledger.batches == [[1, 2]]


async def test_what_arrives_while_a_batch_is_written_shares_the_next(
    queue: GroupCommit[int, str], ledger: Ledger
) -> None:
    first = await begin(queue, ledger, 1)
    later = [queue.submit(2), queue.submit(3)]
    assert not first.done()
    ledger.may_end.set()
    assert await asyncio.gather(first, *later) == ["result 1", "result 2", "result 3"]
    assert ledger.batches == [[1], [2, 3]]


async def test_a_batch_has_a_limit_and_keeps_the_order(
    queue: GroupCommit[int, str], ledger: Ledger
) -> None:
    first = await begin(queue, ledger, 0)
    later = [queue.submit(number) for number in range(1, 8)]
    ledger.may_end.set()
    await asyncio.gather(first, *later)
    assert ledger.batches == [[0], [1, 2, 3], [4, 5, 6], [7]]


async def test_long_items_share_no_more_than_fits_a_batch(
    queue: GroupCommit[int, str], ledger: Ledger
) -> None:
    first = await begin(queue, ledger, 0)
    lengths = [1, BATCH_BYTES, BATCH_BYTES - 1, 1, 2 * BATCH_BYTES, 0]
    later = [queue.submit(number, length) for number, length in enumerate(lengths, start=1)]
    ledger.may_end.set()
    await asyncio.gather(first, *later)
    assert ledger.batches == [[0], [1], [2], [3, 4], [5], [6]]


async def test_what_a_batch_leaves_goes_before_what_came_later() -> None:
    """And what of it nobody waits for any more is not done."""
    done: list[int] = []

    def commit(items: Sequence[int]) -> list[int]:
        assert may_begin.wait(10)
        done.extend(items[:2])
        return list(items[:2])

    may_begin = Event()
    with ThreadPoolExecutor(1) as executor:
        queue = GroupCommit(commit, executor=executor, limit=4, patience=60, most_bytes=9)
        futures = [queue.submit(number, 1) for number in range(9)]
        await asyncio.sleep(0)  # The first batch begins.
        futures[3].cancel()
        may_begin.set()
        assert await asyncio.gather(*futures[:3], *futures[4:]) == [0, 1, 2, 4, 5, 6, 7, 8]
        assert done == [0, 1, 2, 4, 5, 6, 7, 8]
        assert await queue.submit(9, 9) == 9


async def test_what_a_batch_leaves_waits_behind_what_is_locked() -> None:
    locks = Locks()
    locks.locked = {"a"}
    with ThreadPoolExecutor(1) as executor:
        queue: GroupCommit[tuple[str, int], int] = GroupCommit(
            lambda items: locks.commit(items[:2]),
            executor=executor,
            limit=9,
            patience=60,
            key=itemgetter(0),
        )
        items = [("a", 1), ("b", 2), ("a", 3), ("a", 4), ("b", 5)]
        futures = [queue.submit(item) for item in items]
        assert await futures[4] == 5
        locks.locked = set()
        assert await asyncio.gather(*futures) == [1, 2, 3, 4, 5]
    assert locks.done == [("b", 2), ("b", 5), ("a", 1), ("a", 3), ("a", 4)]


async def test_what_waits_has_a_bound_in_bytes(ledger: Ledger) -> None:
    with ThreadPoolExecutor(1) as executor:
        queue = GroupCommit(ledger.commit, executor=executor, limit=3, patience=60, most_bytes=9)
        first = await begin(queue, ledger, 1)
        second, too_much, third = (queue.submit(2, 6), queue.submit(3, 4), queue.submit(4, 3))
        with pytest.raises(Refused, match="Service is temporarily unavailable"):
            await too_much
        ledger.may_end.set()
        await asyncio.gather(first, second, third)
        assert await queue.submit(5, 9) == "result 5"


async def test_after_a_pause_it_starts_again(queue: GroupCommit[int, str], ledger: Ledger) -> None:
    await queue.submit(1)
    await queue.submit(2)
    assert ledger.batches == [[1], [2]]


async def test_an_error_is_that_of_every_item_in_the_batch(
    queue: GroupCommit[int, str], ledger: Ledger
) -> None:
    ledger.error = OSError("disk full")
    results = await asyncio.gather(queue.submit(1), queue.submit(2), return_exceptions=True)
    assert [str(result) for result in results] == ["disk full", "disk full"]


async def test_a_result_that_is_an_exception_is_raised_to_its_item_alone() -> None:
    def commit(items: Sequence[int]) -> list[int | Exception]:
        return [OSError("odd") if item % 2 else item for item in items]

    with ThreadPoolExecutor(1) as executor:
        queue = GroupCommit(commit, executor=executor, limit=3, patience=60)
        results = await asyncio.gather(queue.submit(1), queue.submit(2), return_exceptions=True)
    assert (str(results[0]), results[1]) == ("odd", 2)


async def test_an_error_does_not_reach_the_next_batch(
    queue: GroupCommit[int, str], ledger: Ledger
) -> None:
    ledger.error = OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        await queue.submit(1)
    ledger.error = None
    assert await queue.submit(2) == "result 2"


async def test_who_no_longer_waits_disturbs_nobody(
    queue: GroupCommit[int, str], ledger: Ledger
) -> None:
    first = await begin(queue, ledger, 1)
    cancelled, last = queue.submit(2), queue.submit(3)
    first.cancel()
    cancelled.cancel()
    ledger.may_end.set()
    assert await last == "result 3"
    assert ledger.batches == [[1], [2, 3]]


async def test_how_long_the_oldest_waits_is_known_until_it_is_answered(
    queue: GroupCommit[int, str], ledger: Ledger
) -> None:
    assert queue.waited == 0
    first = await begin(queue, ledger, 1)
    second = queue.submit(2)
    assert queue.waited > 0
    ledger.may_end.set()
    assert await asyncio.gather(first, second) == ["result 1", "result 2"]
    assert queue.waited == 0


async def test_whether_the_last_batch_failed_is_known(
    queue: GroupCommit[int, str], ledger: Ledger
) -> None:
    ledger.error = RuntimeError("no room")
    with pytest.raises(RuntimeError):
        await queue.submit(1)
    assert queue.failed
    ledger.error = None
    await queue.submit(2)
    assert not queue.failed


class Locks:
    """A `commit` of pairs, a key and a number, that finds some keys locked."""

    def __init__(self) -> None:
        self.locked: set[str] = set()
        self.done: list[tuple[str, int]] = []

    def commit(self, items: Sequence[tuple[str, int]]) -> list[int | Exception]:
        done = [item for item in items if item[0] not in self.locked]
        self.done += done
        return [Locked() if item[0] in self.locked else item[1] for item in items]


def queue_of(locks: Locks, executor: ThreadPoolExecutor, patience: float) -> GroupCommit[Any, int]:
    return GroupCommit(
        locks.commit, executor=executor, limit=3, patience=patience, key=itemgetter(0)
    )


async def test_what_is_locked_is_tried_again_and_overtaken_by_none_of_its_kind() -> None:
    locks = Locks()
    locks.locked = {"a"}
    with ThreadPoolExecutor(1) as executor:
        queue = queue_of(locks, executor, patience=60)
        items = [("a", 1), ("b", 2), ("a", 3), ("a", 4), ("c", 5)]
        first, *others = [queue.submit(item) for item in items]
        assert await asyncio.gather(others[0], others[3]) == [2, 5]
        later = queue.submit(("a", 6))
        locks.locked = set()
        assert await asyncio.gather(first, others[1], others[2], later) == [1, 3, 4, 6]
    assert locks.done == [("b", 2), ("c", 5), ("a", 1), ("a", 3), ("a", 4), ("a", 6)]


async def test_what_is_locked_for_too_long_is_refused_alone() -> None:
    locks = Locks()
    locks.locked = {"a"}
    with ThreadPoolExecutor(1) as executor:
        queue = queue_of(locks, executor, patience=0.1)
        first, second = queue.submit(("a", 1)), queue.submit(("b", 2))
        assert await second == 2
        with pytest.raises(Refused, match="Service is temporarily unavailable"):
            await first
        locks.locked = set()
        assert await queue.submit(("a", 3)) == 3
    assert locks.done == [("b", 2), ("a", 3)]


async def test_a_batch_that_does_not_end_is_waited_for_only_so_long(ledger: Ledger) -> None:
    with ThreadPoolExecutor(1) as executor:
        queue = GroupCommit(ledger.commit, executor=executor, limit=3, patience=0.1)
        first = await begin(queue, ledger, 1)
        second = queue.submit(2)
        for future in first, second, queue.submit(3):
            with pytest.raises(Refused, match="Service is temporarily unavailable"):
                await future
        with pytest.raises(Refused, match="Service is temporarily unavailable"):
            await queue.submit(4)
        ledger.may_end.set()
        await asyncio.to_thread(executor.submit(bool).result)
        assert await queue.submit(5) == "result 5"
    # What was refused before it was tried is not done afterwards.
    assert ledger.batches == [[1], [5]]
