"""The threads of a server, for tests in a transaction that no other connection sees into."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

import pytest
from django.db import connections

from devicehive.orm.changes import TELLER
from devicehive.protocol.actions import Runs
from devicehive.serving import database

T = TypeVar("T")


THREAD = ThreadPoolExecutor(1, "shared")


class SharedConnection(Executor):
    """A thread that works on the database connection of the thread that waits for it."""

    def __init__(self) -> None:
        self.connection = connections["default"]

    def submit(self, function: Callable[..., T], /, *args: Any, **members: Any) -> Future[T]:
        return THREAD.submit(self.call, function, *args, **members)

    def call(self, function: Callable[..., T], *args: Any, **members: Any) -> T:
        self.connection.inc_thread_sharing()
        connections["default"] = self.connection
        try:
            return function(*args, **members)
        finally:
            del connections["default"]
            self.connection.dec_thread_sharing()


def close_connections() -> None:
    """Those that the threads keep, with which no test database can be dropped."""
    single = (database.WRITER, database.READER, database.CATCHER, TELLER)
    for executor in (*single, *database.THREADS.values()):
        everyone = Barrier(executor._max_workers, timeout=60)

        def close(everyone: Barrier = everyone) -> None:
            everyone.wait()  # No thread does it twice, and none of them not at all.
            connections.close_all()

        for done in [executor.submit(close) for _ in range(everyone.parties)]:
            done.result()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns that calls the database as a server does."""
    shared = SharedConnection()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "WRITER", shared)
        patch.setattr(database, "READER", shared)
        patch.setattr(database, "CATCHER", shared)
        patch.setattr(database, "THREADS", dict.fromkeys(Runs, shared))
        answer = asyncio.run(coroutine)
        THREAD.submit(bool).result()  # What the writer was given to do later is done.
        return answer
