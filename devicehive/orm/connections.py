"""Keeps a database connection for each thread, from call to call (ADR 25)."""

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
"""How long a batch waits for a lock. Other processes hold theirs for a commit, some 10 ms."""
SHORTEST_MILLISECONDS = 10
"""How long a batch waits for a lock once something in it is known to be locked."""


def keeping_connection(function: Callable[..., T], *args: Any) -> T:
    """Call a function that uses the ORM, in a thread that is only used by such calls.

    If the connection has ended meanwhile, a new one is made first. If it breaks during the call, it
    is closed, so that the next call reaches the database as soon as it is back. Raises
    OperationalError if there is no file descriptor for a connection, which psycopg reports as
    OSError.
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
    """Clear, in this thread, the local variables of the frames in the traceback of `error`.

    Django leaves a database error in a reference cycle with its frames, one of which has the
    cursor. SQLite frees a cursor only while its connection is idle. The garbage collector, which
    may run on the event loop, would block there as long as this thread waits for a lock.
    """
    while error is not None:
        clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


_thread = local()


def wait_little() -> None:
    """Limit how long this thread's connection waits for a lock to SHORT_MILLISECONDS: all requests
    of a batch wait with it."""
    _thread.lock_milliseconds = SHORT_MILLISECONDS


def wait_shortly() -> None:
    """Wait for locks only SHORTEST_MILLISECONDS in this transaction, enough to find what is
    locked."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{SHORTEST_MILLISECONDS}ms'")


def limit_waiting(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Receiver of `connection_created`: limit how long statements of a new connection may take.
    Only for servers, because a migration or an import may take long."""
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
"""By path of a SQLite database: the device and inode of its file when it was opened first."""


def check_file() -> None:
    """Raise OperationalError if the file of a SQLite database is no longer the one that this
    process has opened, because it was deleted or replaced by a copy. Whatever is saved now would be
    lost at the next start. The new file is not opened, because the write-ahead log of the old one
    may be beside it."""
    if connection.vendor == "sqlite":
        opened = _opened.get(connection.settings_dict["NAME"])
        if opened is not None and opened != _file_of(connection):
            raise OperationalError("the file of the database was replaced or deleted")


def _file_of(connection: BaseDatabaseWrapper) -> tuple[int, int] | None:
    try:
        found = os.stat(connection.settings_dict["NAME"])  # noqa: PTH116  # a Path takes twice as long
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _has_ended() -> bool:
    """Whether PostgreSQL has closed this thread's connection.

    If it did so while the connection was idle, the socket has something to read. Polling the socket
    costs a microsecond; Django's health check costs a round trip.
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
