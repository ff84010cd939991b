"""A lock so that only one process at a time prepares a database, as in a rollout of several."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from django.db import connection

LOCK = 0x44657669
"""The key of PostgreSQL's advisory lock, "Devi" in ASCII; other programs must not use the same."""
WAITING = "Another process is preparing this database; waiting until it ends."


@contextmanager
def preparing(tell: Callable[[str], object]) -> Iterator[None]:
    """Hold the lock. If another process has it, say so by `tell`, and wait without a time limit,
    because a migration may take long."""
    locks = _lock_postgresql if connection.vendor == "postgresql" else _lock_file
    with locks(tell):
        yield


@contextmanager
def _lock_postgresql(tell: Callable[[str], object]) -> Iterator[None]:
    # The lock belongs to the session, so it ends with the connection, whatever happens.
    if not _ask("SELECT pg_try_advisory_lock(%s)"):
        tell(WAITING)
        _ask("SELECT pg_advisory_lock(%s)")
    yield
    _ask("SELECT pg_advisory_unlock(%s)")


def _ask(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, [LOCK])
        (answer,) = cursor.fetchone()
    return answer


@contextmanager
def _lock_file(tell: Callable[[str], object]) -> Iterator[None]:
    # Not on the file of the database, which SQLite locks itself.
    path = Path(f"{connection.settings_dict['NAME']}-preparing")
    with ExitStack() as stack:
        # If no file can be created here, SQLite will report that itself.
        with suppress(OSError):
            lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
            stack.callback(os.close, lock)
            _wait_for(lock, tell)
        yield


def _wait_for(lock: int, tell: Callable[[str], object]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        tell(WAITING)
        fcntl.flock(lock, fcntl.LOCK_EX)
