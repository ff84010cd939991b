"""Classifies errors of the database: how a request is refused, and what is logged (R-49)."""

import logging

from django.db import Error, OperationalError

from devicehive.log.bounds import Bound
from devicehive.protocol.refusals import LaterRefusal, Refused

logger = logging.getLogger(__name__)

SECONDS_A_LINE = 1
"""The least time between two log lines. While the database is away, every request fails."""

DISK_FULL = "53100"
READ_ONLY = "25006"
"""The error of a server that is a standby, or was one a moment ago."""
LOCK_NOT_AVAILABLE = "55P03"
IS_AWAY = ("08", "53", "55", "57", "58")
"""The classes of PostgreSQL's errors that time or an operator mends: connection, resources, objects
in use, intervention, system."""
IS_LATE = ("40", "0A000")
"""Errors that go away with another try: deadlocks and the like, and plans that a migration has made
invalid."""

SQLITE_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE")
"""A quota or a limit of the file size causes the second; the third means that the disk is full when
the index of the write-ahead log has to grow."""
SQLITE_AWAY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_READONLY")


def refusal_of(error: BaseException | None) -> Refused | None:
    """The refusal for a request that failed with `error`. None if the error is a bug of ours."""
    if not isinstance(error, Error):
        return None
    if is_full(error):
        return LaterRefusal.STORAGE_FULL()
    return LaterRefusal.UNAVAILABLE() if is_away(error) or is_late(error) else None


def is_full(error: Error) -> bool:
    return _code(error) == DISK_FULL or _code(error).startswith(SQLITE_FULL)


def is_away(error: Error) -> bool:
    """Whether any other statement would fail now, too."""
    code = _code(error)
    if not code:
        # Without a connection, PostgreSQL cannot send a code.
        return isinstance(error, OperationalError)
    return code.startswith((*IS_AWAY, *SQLITE_AWAY)) or code == READ_ONLY


def is_late(error: Error) -> bool:
    return _code(error).startswith(IS_LATE)


def is_locked(error: Error) -> bool:
    """Whether the statement waited too long for a lock."""
    return _code(error) == LOCK_NOT_AVAILABLE


def _code(error: Error) -> str:
    """The driver's code: five characters for PostgreSQL, a name for SQLite; "" if there is none."""
    cause = error.__cause__
    return getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or ""


_lines = Bound(1, seconds=SECONDS_A_LINE)


def note_failure(error: BaseException | None, consequence: str) -> None:
    """Log in one line that the database has failed, with the consequence and the error."""
    note_in_a_line(f"{consequence}: {' '.join(str(error).split())}")


def note_silence(refused: int, seconds: float) -> None:
    """Log in one line that `refused` requests were refused, because the database has done nothing
    for so many `seconds`."""
    note_in_a_line(
        f"{refused} requests were refused with 503: the database has done nothing for {seconds:g} s"
    )


def note_in_a_line(text: str) -> None:
    """Log a consequence of a database failure, at most one line every SECONDS_A_LINE."""
    if _lines.take():
        unshown = _lines.count_unshown()
        more = f" ({unshown} failures since the last line)" if unshown else ""
        logger.warning("%s%s", text, more)
