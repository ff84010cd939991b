"""Threads for the ORM, so that no database call blocks the event loop.

Channels' `database_sync_to_async` is not used, because it runs the queries of all sockets in one
thread, where a single slow query delays every save.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection

from devicehive.metrics import WAITING_CALLS, WAITING_REQUESTS
from devicehive.orm.connections import keeping_connection, wait_little
from devicehive.orm.failures import note_failure, refusal_of
from devicehive.protocol.actions import Batch, Runs
from devicehive.protocol.refusals import LaterRefusal
from devicehive.serving.batching import GroupCommit
from devicehive.serving.pulse import pulse

logger = logging.getLogger(__name__)

T = TypeVar("T")

THREADS = {Runs.DATABASE: ThreadPoolExecutor(settings.DATABASE_THREADS, "database")}
WRITER = ThreadPoolExecutor(1, "writer", initializer=wait_little)
"""One thread writes all batches: two would only wait for each other's GIL and locks."""

READER = ThreadPoolExecutor(1, "reader")
"""One thread executes all batches that read: while it waits for the database, the next batch
gathers."""

CATCHER = ThreadPoolExecutor(1, "catcher")
"""The thread that reads events which other processes have stored and not sent. It is not one of
THREADS, because all of those may wait for it, on behalf of new subscriptions."""

_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Batch, GroupCommit[Any, Any]]] = (
    WeakKeyDictionary()
)

MOST_RESULTS = 2 * settings.DATABASE_THREADS
"""How many results of THREADS may be computed or not yet processed, which bounds their memory."""
_slots: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Runs, asyncio.Semaphore]] = (
    WeakKeyDictionary()
)


async def run(runs: Runs, function: Callable[..., T], *args: Any) -> T:
    """Call a function that uses the ORM on one of THREADS, in the caller's context, so that its log
    lines are about the same client."""
    loop = asyncio.get_running_loop()
    call = partial(copy_context().run, keeping_connection, function, *args)
    slots = _slots.setdefault(loop, {}).setdefault(runs, asyncio.Semaphore(MOST_RESULTS))
    # The slot is held until the caller processes the result, in the same event loop iteration:
    # threads make results faster than frames are made of them, and each may be as long as
    # MAX_ANSWER_BYTES.
    async with slots:
        return await loop.run_in_executor(THREADS[runs], call)


async def run_request(runs: Runs, function: Callable[..., T], *args: Any) -> T:
    """Run a function as `run` does, for a client that waits for an answer. Raises Refused if it
    takes longer than DATABASE_STATEMENT_SECONDS, or if the database does nothing. A function that
    has begun goes on in that case, and its result is dropped."""
    pulse().check()
    try:
        async with asyncio.timeout(settings.DATABASE_STATEMENT_SECONDS) as limit:
            with pulse().waiting(partial(_end_now, limit)):
                return await run(runs, function, *args)
    except TimeoutError:
        raise LaterRefusal.UNAVAILABLE() from None


def _end_now(limit: asyncio.Timeout) -> None:
    if not limit.expired():  # It may have expired in the same event loop iteration.
        limit.reschedule(0)


def batch_queue(batch: Batch, *, writes: bool) -> GroupCommit[Any, Any]:
    """The queue for `batch` on the running event loop."""
    queues = _queues.setdefault(asyncio.get_running_loop(), {})
    if batch not in queues:

        def perform(items: Sequence[Any]) -> Sequence[Any]:
            return keeping_connection(batch, items)

        name = f"{batch.__module__.rpartition('.')[2]}.{batch.__name__}"
        queues[batch] = queue = GroupCommit(
            perform,
            executor=WRITER if writes else READER,
            limit=settings.SAVE_BATCH_SIZE,
            patience=settings.SAVE_SECONDS,
            key=attrgetter("device_id") if writes else id,
            name=name,
            most_bytes=settings.MAX_ALL_RECEIVED_BYTES,
        )
        WAITING_REQUESTS.sources[name,] = queue.__len__
    return queues[batch]


def batch_queues() -> Collection[GroupCommit[Any, Any]]:
    """The queues of the running event loop."""
    return _queues.get(asyncio.get_running_loop(), {}).values()


for name, executor in (
    ("database", THREADS[Runs.DATABASE]),
    ("writer", WRITER),
    ("reader", READER),
    ("catcher", CATCHER),
):
    WAITING_CALLS.sources[name,] = executor._work_queue.qsize


async def run_between_batches(function: Callable[[], T]) -> T:
    """Call a function on the writer thread, between two batches, so that no save waits for its
    locks."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(WRITER, keeping_connection, function)


async def run_beside_saves(function: Callable[[], T]) -> T:
    """Call a function that writes in the background, so that saves hardly wait for it.

    SQLite has a single lock, which is not fair: a waiting thread tries it every 0.1 s, and a thread
    that writes all the time nearly always holds it. So the writer thread calls the function there.
    PostgreSQL locks rows and can do both at once.
    """
    if connection.features.has_select_for_update:
        return await run(Runs.DATABASE, function)
    return await run_between_batches(function)


async def run_catching_up(function: Callable[..., T], *args: Any) -> T:
    """Call a function that reads missed events, on CATCHER."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(CATCHER, keeping_connection, function, *args)


def is_busy() -> bool:
    """Whether any batch of the running event loop is running or waiting."""
    return any(queue.is_busy for queue in batch_queues())


def write_later(function: Callable[[], object]) -> None:
    """Have the writer thread call a function after its present work, without waiting for it. Errors
    are logged. Called in a thread."""
    WRITER.submit(keeping_connection, function).add_done_callback(_log_failure)


def _log_failure(done: "Future[object]") -> None:
    error = done.exception()
    if refusal_of(error):
        note_failure(error, "a write in the background failed")
    elif error is not None:
        logger.error("a write in the background failed", exc_info=error)
