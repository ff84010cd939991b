"""A thread's own connection to the database, kept from call to call (ADR 25)."""

import errno
import os
import select
from collections.abc import Callable
from threading import local
from traceback import clear_frames
from typing import Any, TypeVar

from django.conf import settings
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")

NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)
SHORT_MILLISECONDS = 100
"""How long a batch waits for a lock: other processes hold theirs for a commit, some 10."""
SHORTEST_MILLISECONDS = 10
"""And how long when something in it is known to be locked."""


def keeping_connection(function: Callable[..., T], *args: Any) -> T:
    """Call a function that uses the ORM, in a thread that does nothing else.

    A connection that has ended meanwhile is made anew first; one that breaks in the call is closed
    after it, so that the next call finds the database as soon as it is back. Raises
    OperationalError where there is no descriptor for a connection: psycopg leaves that as it is.
    """
    if _has_ended():
        connection.close()
    check_file()
    try:
        return function(*args)
    except Exception as error:
        let_go(error)
        if isinstance(error, OSError) and error.errno in NO_DESCRIPTOR:
            raise OperationalError(str(error)) from error
        raise
    finally:
        if connection.errors_occurred and not connection.in_atomic_block:
            _close_if_broken()


def let_go(error: BaseException | None) -> None:
    """Free, in this thread, what the functions had that `error` has ended.

    Django keeps an error of the database in a circle with its frames, and one of them has the
    cursor. SQLite frees a cursor only while its connection does nothing: the collector of garbage,
    which may run on the event loop, would wait there as long as this thread waits for a lock.
    """
    while error is not None:
        clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


_thread = local()


def wait_little() -> None:
    """Have this thread wait for a lock no longer than all can wait whose requests it does."""
    _thread.lock_milliseconds = SHORT_MILLISECONDS


def wait_shortly() -> None:
    """Wait in this transaction only as long as it takes to see that something is locked."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{SHORTEST_MILLISECONDS}ms'")


def limit_waiting(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Bound what the statements of a new connection may take. For `connection_created`, in servers:
    a migration or an import may take long."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            lock = getattr(_thread, "lock_milliseconds", settings.DATABASE_LOCK_SECONDS * 1_000)
            cursor.execute(
                f"SET lock_timeout = '{lock}ms'; "
                f"SET statement_timeout = '{settings.DATABASE_STATEMENT_SECONDS}s'"
            )
    else:
        _opened.setdefault(connection.settings_dict["NAME"], _file_of(connection))


_opened: dict[str, tuple[int, int] | None] = {}
"""Of a server on SQLite: which file the database was when it was opened first."""


def check_file() -> None:
    """Raises OperationalError if the file of SQLite's database is no longer what this process has
    open: it was deleted, or a copy was put in its place. What is saved now would be lost with the
    next start. It is not opened anew, since the log of the old one may lie beside it."""
    if connection.vendor == "sqlite":
        opened = _opened.get(connection.settings_dict["NAME"])
        if opened is not None and opened != _file_of(connection):
            raise OperationalError("the file of the database is another one, or has gone")


def _file_of(connection: BaseDatabaseWrapper) -> tuple[int, int] | None:
    try:
        found = os.stat(connection.settings_dict["NAME"])  # noqa: PTH116  # a Path takes twice as long
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _has_ended() -> bool:
    """Whether PostgreSQL has ended this thread's connection.

    If it did so at rest there is its farewell to read: a look at the socket costs a microsecond,
    a health check of Django's a round trip.
    """
    opened = connection.connection
    if opened is None or connection.vendor != "postgresql":
        return False
    if opened.closed:
        return True
    poll = select.poll()
    poll.register(opened.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _close_if_broken() -> None:
    if connection.is_usable():
        connection.errors_occurred = False
    else:
        connection.close()
