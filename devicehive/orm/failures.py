"""What it means for a request that the database has failed (R-49)."""

import logging

from django.db import Error, OperationalError

from devicehive.log.bounds import Bound
from devicehive.protocol.refusals import LaterRefusal, Refused

logger = logging.getLogger(__name__)

SECONDS_A_LINE = 1
"""While the database is away every request fails, and one line in so long says so."""

DISK_FULL = "53100"
READ_ONLY = "25006"
"""What a server that was a standby a moment ago says, or is one now."""
LOCK_NOT_AVAILABLE = "55P03"
IS_AWAY = ("08", "53", "55", "57", "58")
"""The classes of PostgreSQL's errors that time or an operator mends: connection, resources, objects
in use, intervention, system."""
IS_LATE = ("40", "0A000")
"""Deadlocks and the like, and plans that a migration has made wrong, which another try mends."""

SQLITE_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE")
"""The second is what a quota or a limit of the file's size leads to, the third a full disk where
the index of the write-ahead log is to grow."""
SQLITE_AWAY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_READONLY")


def refusal_of(error: BaseException | None) -> Refused | None:
    """What to answer when a statement ended in `error`. None if it is a fault of ours."""
    if not isinstance(error, Error):
        return None
    if is_full(error):
        return LaterRefusal.STORAGE_FULL()
    return LaterRefusal.UNAVAILABLE() if is_away(error) or is_late(error) else None


def is_full(error: Error) -> bool:
    return _code(error) == DISK_FULL or _code(error).startswith(SQLITE_FULL)


def is_away(error: Error) -> bool:
    """Whether any other statement would fail just now, too."""
    code = _code(error)
    if not code:
        # There is no connection to be told a code over, or none any more.
        return isinstance(error, OperationalError)
    return code.startswith((*IS_AWAY, *SQLITE_AWAY)) or code == READ_ONLY


def is_late(error: Error) -> bool:
    return _code(error).startswith(IS_LATE)


def is_locked(error: Error) -> bool:
    """Whether somebody else had locked, for too long, what the statement needed."""
    return _code(error) == LOCK_NOT_AVAILABLE


def _code(error: Error) -> str:
    """What the driver knows: five characters of PostgreSQL, a name of SQLite."""
    cause = error.__cause__
    return getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or ""


_lines = Bound(1, seconds=SECONDS_A_LINE)


def note_failure(error: BaseException | None, consequence: str) -> None:
    """Log in one line that the database has failed, and with what."""
    note_in_a_line(f"{consequence}: {' '.join(str(error).split())}")


def note_silence(refused: int, seconds: float) -> None:
    """Log in one line that so many requests were refused because the database does nothing."""
    note_in_a_line(
        f"{refused} requests were refused with 503: the database has done nothing for {seconds:g} s"
    )


def note_in_a_line(text: str) -> None:
    """Log what the database, or its silence, has led to; at most one line every SECONDS_A_LINE."""
    if _lines.take():
        unshown = _lines.count_unshown()
        more = f" ({unshown} failures since the last line)" if unshown else ""
        logger.warning("%s%s", text, more)
