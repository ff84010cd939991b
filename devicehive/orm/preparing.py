"""Preparing one database from several processes, such as those of a rollout: one at a time."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from django.db import connection

LOCK = 0x44657669
"""Of PostgreSQL's advisory locks, which programs share out among themselves: "Devi"."""
WAITING = "Another process prepares this database; waiting until it has ended."


@contextmanager
def preparing(tell: Callable[[str], object]) -> Iterator[None]:
    """Nobody else prepares the database meanwhile. Waits as long as a migration may take, and
    says so."""
    locks = _lock_postgresql if connection.vendor == "postgresql" else _lock_file
    with locks(tell):
        yield


@contextmanager
def _lock_postgresql(tell: Callable[[str], object]) -> Iterator[None]:
    # Of the session: it ends with the connection, whatever happens.
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
    # Not the database's own file, of which SQLite has locks.
    path = Path(f"{connection.settings_dict['NAME']}-preparing")
    with ExitStack() as stack:
        # Where no file can be made, SQLite says so.
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
