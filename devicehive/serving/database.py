"""Threads for the ORM, so that no database call and no password hash stops the event loop.

Not `database_sync_to_async`: it runs the work of all sockets in one thread, in which a single
slow query or password check holds up every save.
"""

import asyncio
import logging
import select
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import close_old_connections, connection

from devicehive.protocol.actions import Batch, Runs
from devicehive.serving.batching import GroupCommit

logger = logging.getLogger(__name__)

T = TypeVar("T")

THREADS = {
    Runs.DATABASE: ThreadPoolExecutor(settings.DATABASE_THREADS, "database"),
    # One: a second hash at a time would take a core from everything else.
    Runs.PASSWORDS: ThreadPoolExecutor(1, "passwords"),
}
WRITER = ThreadPoolExecutor(1, "writer")
"""One thread writes all batches: two would only wait for each other's GIL and locks."""

READER = ThreadPoolExecutor(1, "reader")
"""One thread looks up for all: while it waits for the database, the next batch gathers."""

_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Batch, GroupCommit[Any, Any]]] = (
    WeakKeyDictionary()
)


async def run(runs: Runs, function: Callable[..., T], *args: Any) -> T:
    """Call a function that uses the ORM on one of THREADS."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(THREADS[runs], _with_connection, function, *args)


def batch_queue(batch: Batch, *, writes: bool) -> GroupCommit[Any, Any]:
    """The queue that `batch` has on the running event loop."""
    queues = _queues.setdefault(asyncio.get_running_loop(), {})
    if batch not in queues:

        def perform(items: Sequence[Any]) -> Sequence[Any]:
            return _keeping_connection(batch, items)

        queues[batch] = GroupCommit(
            perform, executor=WRITER if writes else READER, limit=settings.SAVE_BATCH_SIZE
        )
    return queues[batch]


def write_later(function: Callable[[], object]) -> None:
    """Have the writer call it after what it does now. Called in a thread, which does not wait: a
    failure is logged."""
    WRITER.submit(_keeping_connection, function).add_done_callback(_log_failure)


def _log_failure(done: "Future[object]") -> None:
    error = done.exception()
    if error is not None:
        logger.error("what nobody waits for was not written", exc_info=error)


def _keeping_connection(function: Callable[..., T], *args: Any) -> T:
    if _has_broken():
        _renew_connections()
    try:
        return function(*args)
    finally:
        # Neither is without work for long, and a batch of one need not ask the pool.
        if connection.errors_occurred:
            _renew_connections()


def _with_connection(function: Callable[..., T], *args: Any) -> T:
    try:
        return function(*args)
    finally:
        if _has_broken():
            _renew_connections()
        # Back to the pool: a thread keeps no connection while it waits.
        close_old_connections()


def _has_broken() -> bool:
    """Whether PostgreSQL has ended this thread's connection.

    If it did so at rest there is its farewell to read: a look at the socket costs a microsecond,
    a health check of Django's a round trip.
    """
    if connection.vendor != "postgresql" or connection.connection is None:
        return False
    if connection.connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _renew_connections() -> None:
    """Where one connection broke, those waiting in the pool have broken too: PostgreSQL was
    restarted. Each would fail a batch or a request before it was found out."""
    connection.close()
    if connection.vendor == "postgresql":
        connection.pool.drain()  # type: ignore[attr-defined]  # of Django's PostgreSQL backend
