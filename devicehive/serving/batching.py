"""Group commit: what arrives while a transaction runs goes together into the next one.

There is no timer: a lone item starts at once and waits for nobody, and the busier the server
is, the more items share the cost of one commit. Nor is there an end to waiting for a busy
database; but one that does nothing, or what somebody else has locked, is waited for only so long.
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
"""Items of a queue: what 1,500 connections may have sent without waiting for an answer."""
AGAIN_SECONDS = 0.3
"""How often what is locked is tried again: each try takes the writer a third of that."""


class Entry(NamedTuple):
    item: Any
    future: "asyncio.Future[Any]"
    since: float
    length: int


class GroupCommit(Generic[Item, Result]):
    """Queues items for `commit`, which runs on `executor` with one batch at a time.

    `commit` returns a result for each item, in order; one that is an exception is raised to
    whoever waits for that item. If it returns fewer, the other items are the first of the next
    batch. If `commit` raises, every item of that batch gets the exception.
    An item whose result is `Locked` is tried again for `patience` seconds, and so are, behind it,
    those with the same `key`; the others go on. When a batch takes longer than that, all that waits
    is refused, and so is all that comes until it ends; what is in it may be done nevertheless.
    Belongs to the event loop it is first used on; not thread-safe.
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
        """The `name` is for the metrics. What is submitted may have `most_bytes` together."""
        self._commit = commit
        self._executor = executor
        self._limit = limit
        self._labels = (name,)
        self._patience = patience
        self._most_bytes = most_bytes
        self._bytes = 0
        """Of all that has no result yet."""
        self._key = key
        self._waiting: list[Entry] = []
        self._locked: dict[Hashable, list[Entry]] = {}
        """What is to be tried again; empty lists while it is tried."""
        self._locked_since: dict[Hashable, float] = {}
        self._again: asyncio.TimerHandle | None = None
        self._is_due = False
        self.is_busy = False
        self._since = 0.0
        """When the oldest of the running batch was submitted."""
        self.failed = False
        """Whether the last batch raised."""
        self._is_stuck = False

    @property
    def waited(self) -> float:
        """Seconds since the oldest item was submitted that has no result yet."""
        return monotonic() - self._since if self.is_busy else 0.0

    def __len__(self) -> int:
        """How many items wait for the next batch."""
        return len(self._waiting)

    def submit(self, item: Item, length: int = 0) -> "asyncio.Future[Result]":
        """Queue `item`, for which so many bytes are kept; the future has its result once it is
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
            # Not at once: frames that arrived in the same turn of the loop come along.
            loop.call_soon(self._start, loop)
        return future

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = self._take()
        self._since = batch[0].since
        BATCH_ITEMS.add(self._labels, len(batch))
        started = monotonic()
        running = self._executor.submit(self._commit, [each.item for each in batch])
        self._watch = loop.call_later(self._patience, self._give_up, batch)
        # Not by `run_in_executor`, whose future takes one turn of the loop more.
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
        """Keep what was not done, before all that came after it."""
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
        # First the next batch, so that it is written while the answers to this one are sent.
        self._is_due = self._is_due and bool(self._locked)
        if self._waiting or self._is_due:
            self._start(loop)
        else:
            self.is_busy = False
        for (_, future, _, length), result in zip(batch, results, strict=True):
            self._bytes -= length
            if future.done():
                continue  # Cancelled or refused: nobody waits for it any more.
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
        """Keep what is locked for another try, and what came after it behind it. The rest."""
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
    """Have the loop call the function. Called in the thread that has done it."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(function, done)
