"""Group commit: what arrives while a transaction runs goes together into the next one.

There is no timer: a lone item starts at once and waits for nobody, and the busier the server
is, the more items share the cost of one commit.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from time import monotonic
from typing import Generic, TypeVar

from devicehive.metrics import BATCH_ITEMS, BATCH_SECONDS

Item = TypeVar("Item")
Result = TypeVar("Result")


class GroupCommit(Generic[Item, Result]):
    """Queues items for `commit`, which runs on `executor` with one batch at a time.

    `commit` returns a result for each item, in order; one that is an exception is raised to
    whoever waits for that item. If `commit` raises, every item of that batch gets the exception.
    Belongs to the event loop it is first used on; not thread-safe.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Item]], Sequence[Result | Exception]],
        *,
        executor: Executor,
        limit: int,
        name: str = "",
    ) -> None:
        """The `name` is for the metrics."""
        self._commit = commit
        self._executor = executor
        self._limit = limit
        self._labels = (name,)
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self.is_busy = False
        self._since = self._waiting_since = 0.0
        """When the oldest of the running batch, and of those that wait, was submitted."""
        self.failed = False
        """Whether the last batch raised."""

    @property
    def waited(self) -> float:
        """Seconds since the oldest item was submitted that has no result yet."""
        return monotonic() - self._since if self.is_busy else 0.0

    def __len__(self) -> int:
        """How many items wait for the next batch."""
        return len(self._waiting)

    def submit(self, item: Item) -> asyncio.Future[Result]:
        """Queue `item`; the future has its result once it is committed."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        if not self._waiting:
            self._waiting_since = monotonic()
        self._waiting.append((item, future))
        if not self.is_busy:
            self.is_busy = True
            self._since = self._waiting_since
            # Not at once: frames that arrived in the same turn of the loop come along.
            loop.call_soon(self._start, loop)
        return future

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
        self._since = self._waiting_since
        items = [item for item, _ in batch]
        BATCH_ITEMS.add(self._labels, len(items))
        started = monotonic()
        running = loop.run_in_executor(self._executor, self._commit, items)
        running.add_done_callback(lambda done: self._finish(loop, batch, done, started))

    def _finish(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: list[tuple[Item, asyncio.Future[Result]]],
        done: "asyncio.Future[Sequence[Result | Exception]]",
        started: float,
    ) -> None:
        BATCH_SECONDS.add(self._labels, monotonic() - started)
        # First the next batch, so that it is written while the answers to this one are sent.
        if self._waiting:
            self._start(loop)
        else:
            self.is_busy = False
        error = done.exception()
        self.failed = error is not None
        results = done.result() if error is None else ()
        for index, (_, future) in enumerate(batch):
            if future.done():
                continue  # Cancelled: nobody waits for it any more.
            result = results[index] if error is None else error
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)
