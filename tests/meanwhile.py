"""Run code in another thread, with a database connection of its own, at the same time."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection

seen_by_all_threads = pytest.mark.django_db(transaction=True, serialized_rollback=True)
"""For tests whose records other threads must see: they are committed, and removed after."""


class Meanwhile:
    """Calls a function in another thread, which must wait for the transaction of this one."""

    def __init__(self, function: Callable[[], object]) -> None:
        self.threads = ThreadPoolExecutor(1)
        self.result: Future[None] = self.threads.submit(self.call, function)
        while connection.vendor == "postgresql" and not self.waits():
            assert not self.result.done()

    @staticmethod
    def call(function: Callable[[], object]) -> None:
        try:
            function()
        finally:
            connection.close()

    @staticmethod
    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            return bool(cursor.fetchone()[0])
