"""Threads for the ORM, so that no database call stops the event loop.

Not `database_sync_to_async`: it runs the work of all sockets in one thread, in which a single
slow query holds up every save.
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
"""One thread looks up for all: while it waits for the database, the next batch gathers."""

CATCHER = ThreadPoolExecutor(1, "catcher")
"""Reads what other processes have stored and not told. Not one of THREADS: all of those may be
waiting for it, on behalf of subscriptions that begin."""

_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Batch, GroupCommit[Any, Any]]] = (
    WeakKeyDictionary()
)

MOST_RESULTS = 2 * settings.DATABASE_THREADS
"""Of THREADS, in the making or not yet taken."""
_slots: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Runs, asyncio.Semaphore]] = (
    WeakKeyDictionary()
)


async def run(runs: Runs, function: Callable[..., T], *args: Any) -> T:
    """Call a function that uses the ORM on one of THREADS, in the context of the caller: lines that
    it logs are about the same client."""
    loop = asyncio.get_running_loop()
    call = partial(copy_context().run, keeping_connection, function, *args)
    slots = _slots.setdefault(loop, {}).setdefault(runs, asyncio.Semaphore(MOST_RESULTS))
    # Until whoever asked goes on with the result, in this very turn of the loop: threads are faster
    # than what makes frames of results, and each may be as long as MAX_ANSWER_BYTES.
    async with slots:
        return await loop.run_in_executor(THREADS[runs], call)


async def run_request(runs: Runs, function: Callable[..., T], *args: Any) -> T:
    """Run a function as `run` does, for somebody who waits for an answer. Raises Refused when it
    takes as long as no statement may, and when the database does nothing; what has begun goes on,
    and nobody hears of it."""
    pulse().check()
    try:
        async with asyncio.timeout(settings.DATABASE_STATEMENT_SECONDS) as limit:
            with pulse().waiting(partial(_end_now, limit)):
                return await run(runs, function, *args)
    except TimeoutError:
        raise LaterRefusal.UNAVAILABLE() from None


def _end_now(limit: asyncio.Timeout) -> None:
    if not limit.expired():  # By itself, in the same turn of the loop.
        limit.reschedule(0)


def batch_queue(batch: Batch, *, writes: bool) -> GroupCommit[Any, Any]:
    """The queue that `batch` has on the running event loop."""
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
    """Call a function on the thread that writes, when what it writes now is committed: no save
    waits for a lock of it, but only for its turn."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(WRITER, keeping_connection, function)


async def run_beside_saves(function: Callable[[], T]) -> T:
    """Call a function that writes what nobody waits for, so that saves hardly wait for it either.

    SQLite has one lock, for which two threads would not take turns: who waits looks every 0.1 s
    whether it is free, and who writes again and again has it nearly always. So the thread that
    writes batches does that too. PostgreSQL locks rows, and works for both at once.
    """
    if connection.features.has_select_for_update:
        return await run(Runs.DATABASE, function)
    return await run_between_batches(function)


async def run_catching_up(function: Callable[..., T], *args: Any) -> T:
    """Call a function that reads what has been missed."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(CATCHER, keeping_connection, function, *args)


def is_busy() -> bool:
    """Whether any batch of the running event loop is under way or waits."""
    return any(queue.is_busy for queue in batch_queues())


def write_later(function: Callable[[], object]) -> None:
    """Have the writer call it after what it does now. Called in a thread, which does not wait: a
    failure is logged."""
    WRITER.submit(keeping_connection, function).add_done_callback(_log_failure)


def _log_failure(done: "Future[object]") -> None:
    error = done.exception()
    if refusal_of(error):
        note_failure(error, "what nobody waits for was not written")
    elif error is not None:
        logger.error("what nobody waits for was not written", exc_info=error)
