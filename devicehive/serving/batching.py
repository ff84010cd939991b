"""Group commit: items that arrive during a transaction are committed together in the next one.

There is no timer: a lone item starts at once, and the busier the server is, the more items share
the cost of one commit. A busy database is waited for without a limit; one that does nothing, or a
row that is locked, only for some seconds.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from math import inf
from time import monotonic
from typing import Any, Generic, NamedTuple, TypeVar

from devicehive.metrics import BATCH_ITEMS, BATCH_SECONDS
from devicehive.orm.failures import note_silence
from devicehive.orm.portions import BATCH_BYTES, fitting
from devicehive.orm.transactions import Locked
from devicehive.protocol.refusals import LaterRefusal

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_UNCOMMITTED = 100_000
"""The most items in a queue: as many as 1,500 connections may send without waiting for an
answer."""
AGAIN_SECONDS = 0.3
"""The time between tries of locked items. Each try takes the writer a third of that."""


class Entry(NamedTuple):
    """A queued item: its future, when it was submitted, and its length in bytes."""

    item: Any
    future: "asyncio.Future[Any]"
    since: float
    length: int


class GroupCommit(Generic[Item, Result]):
    """Queues items for `commit`, which runs on `executor` with one batch at a time.

    `commit` returns a result for each item, in order; a result that is an exception is raised from
    the item's future. If it returns fewer, the remaining items go first in the next batch. If
    `commit` raises, all futures of the batch get the exception.

    An item whose result is `Locked` is tried again for `patience` seconds; later items with the
    same `key` queue behind it, the others go on. If a batch takes longer than `patience`, its
    items and all waiting ones are refused, and all new ones until it ends; it may still be
    committed.

    An instance belongs to the event loop that first uses it. It is not thread-safe.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Item]], Sequence[Result | Exception]],
        *,
        executor: Executor,
        limit: int,
        patience: float,
        key: Callable[[Item], Hashable] = id,
        name: str = "",
        most_bytes: float = inf,
    ) -> None:
        """`name` is for the metrics. Items without a result may have `most_bytes` together; more
        are refused."""
        self._commit = commit
        self._executor = executor
        self._limit = limit
        self._labels = (name,)
        self._patience = patience
        self._most_bytes = most_bytes
        self._bytes = 0
        """The bytes of all items without a result."""
        self._key = key
        self._waiting: list[Entry] = []
        self._locked: dict[Hashable, list[Entry]] = {}
        """By key: the items to try again. While they are tried, their lists are empty."""
        self._locked_since: dict[Hashable, float] = {}
        self._again: asyncio.TimerHandle | None = None
        self._is_due = False
        self.is_busy = False
        self._since = 0.0
        """When the oldest item of the running batch was submitted."""
        self.failed = False
        """Whether the last batch raised."""
        self._is_stuck = False

    @property
    def waited(self) -> float:
        """For how many seconds the oldest item of the running batch has had no result."""
        return monotonic() - self._since if self.is_busy else 0.0

    def __len__(self) -> int:
        """The number of items that wait for the next batch."""
        return len(self._waiting)

    def submit(self, item: Item, length: int = 0) -> "asyncio.Future[Result]":
        """Queue `item`, which occupies `length` bytes. The future gets its result once it is
        committed."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        is_full = len(self._waiting) >= MOST_UNCOMMITTED or self._bytes + length > self._most_bytes
        if self._is_stuck or is_full:
            future.set_exception(LaterRefusal.UNAVAILABLE())
            return future
        entry = Entry(item, future, monotonic(), length)
        self._bytes += length
        behind = self._locked.get(self._key(item)) if self._locked else None
        (self._waiting if behind is None else behind).append(entry)
        if behind is None and not self.is_busy:
            self.is_busy = True
            self._since = entry.since
            # Not at once, so that frames of the same event loop iteration join the batch.
            loop.call_soon(self._start, loop)
        return future

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = self._take()
        self._since = batch[0].since
        BATCH_ITEMS.add(self._labels, len(batch))
        started = monotonic()
        running = self._executor.submit(self._commit, [each.item for each in batch])
        self._watch = loop.call_later(self._patience, self._give_up, batch)
        # Not by `run_in_executor`, whose future takes one more event loop iteration.
        finish = partial(self._finish, loop, batch, started)
        running.add_done_callback(partial(_hand_over, loop, finish))

    def _take(self) -> list[Entry]:
        if self._is_due:
            self._is_due = False
            locked, self._locked = self._locked, {key: [] for key in self._locked}
            return [entry for entries in locked.values() for entry in entries]
        most = self._limit
        if self._bytes > BATCH_BYTES:
            most = fitting(entry.length for entry in self._waiting[:most])
        batch, self._waiting = self._waiting[:most], self._waiting[most:]
        return batch

    def _put_back(self, rest: list[Entry]) -> None:
        """Put items that were not committed back, before all later ones."""
        for entry in reversed(rest):
            if entry.future.done():  # Refused or cancelled meanwhile.
                self._bytes -= entry.length
            else:
                self._locked.get(self._key(entry.item), self._waiting).insert(0, entry)

    def _finish(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: list[Entry],
        started: float,
        done: "Future[Sequence[Result | Exception]]",
    ) -> None:
        BATCH_SECONDS.add(self._labels, monotonic() - started)
        self._watch.cancel()
        self._is_stuck = False
        error = done.exception()
        self.failed = error is not None
        results: Sequence[Result | BaseException] = (
            done.result() if error is None else [error] * len(batch)
        )
        if len(results) < len(batch):
            self._put_back(batch[len(results) :])
            batch = batch[: len(results)]
        if self._locked or Locked in map(type, results):
            batch, results = self._set_aside(loop, batch, results, started)
        # Start the next batch first, so that it is committed while these answers are sent.
        self._is_due = self._is_due and bool(self._locked)
        if self._waiting or self._is_due:
            self._start(loop)
        else:
            self.is_busy = False
        for (_, future, _, length), result in zip(batch, results, strict=True):
            self._bytes -= length
            if future.done():
                continue  # Cancelled or refused meanwhile.
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)

    def _set_aside(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: list[Entry],
        results: Sequence[Result | BaseException],
        started: float,
    ) -> tuple[list[Entry], list[Result | BaseException]]:
        """Keep locked items, and later ones with their keys, for another try. Returns the entries
        and results that are final."""
        rest: list[tuple[Entry, Result | BaseException]] = []
        locked: dict[Hashable, list[Entry]] = {}
        since = dict(self._locked_since)
        for entry, result in zip(batch, results, strict=True):
            key = self._key(entry.item)
            first = since.get(key, started)
            if type(result) is Locked and monotonic() - first < self._patience:
                locked.setdefault(key, []).append(entry)
                since[key] = first
            else:
                rest.append((entry, result))
        self._queue_behind(locked, {self._key(entry.item) for entry in batch})
        self._locked_since = {key: since[key] for key in self._locked}
        if self._locked and self._again is None and not self._is_due:
            self._again = loop.call_later(AGAIN_SECONDS, self._try_again, loop)
        return [entry for entry, _ in rest], [result for _, result in rest]

    def _queue_behind(self, locked: dict[Hashable, list[Entry]], tried: set[Hashable]) -> None:
        free: list[Entry] = []
        for key in tried & self._locked.keys():
            later = self._locked.pop(key)
            locked[key].extend(later) if key in locked else free.extend(later)
        for entry in self._waiting:
            locked.get(self._key(entry.item), free).append(entry)
        self._waiting = free
        self._locked |= locked

    def _try_again(self, loop: asyncio.AbstractEventLoop) -> None:
        self._again = None
        self._is_due = bool(self._locked)
        if self._is_due and not self.is_busy:
            self.is_busy = True
            self._start(loop)

    def _give_up(self, batch: list[Entry]) -> None:
        self._is_stuck, self._is_due = True, False
        locked, self._locked, self._locked_since = self._locked, {}, {}
        dropped = [*self._waiting, *(each for entries in locked.values() for each in entries)]
        self._waiting = []
        self._bytes -= sum(entry.length for entry in dropped)
        refused = [*batch, *dropped]
        for _, future, _, _ in refused:
            if not future.done():
                future.set_exception(LaterRefusal.UNAVAILABLE())
        note_silence(len(refused), self._patience)


def _hand_over(
    loop: asyncio.AbstractEventLoop, function: Callable[["Future[Any]"], None], done: "Future[Any]"
) -> None:
    """Have the loop call the function with a finished future. Called in the executor's thread."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(function, done)
