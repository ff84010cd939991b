"""Checks whether the database would store the next save, without saving anything."""

import os
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

READS_ONLY = "the database can only be read"
IS_FULL = "the disk of the database is full"


def obstacle() -> str | None:
    """The reason why a save would fail, or None if none is visible. Raises django.db.Error."""
    return _of_postgresql() if connection.vendor == "postgresql" else _of_sqlite()


def _of_postgresql() -> str | None:
    """A standby is read-only, and so is a server that was configured so. How full its disk is,
    PostgreSQL does not say."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        (is_read_only,) = cursor.fetchone()
    return READS_ONLY if is_read_only == "on" else None


def _of_sqlite() -> str | None:
    database = Path(connection.settings_dict["NAME"])
    if not all(os.access(path, os.W_OK) for path in (database, database.parent)):
        return READS_ONLY
    disk = os.statvfs(database.parent)
    blocks = disk.f_bavail if os.geteuid() else disk.f_bfree
    # There has to be room for the longest message at least.
    return IS_FULL if blocks * disk.f_frsize < settings.MAX_MESSAGE_BYTES else None


def try_writing() -> None:
    """Write to the disk like a save, without changing data. Raises django.db.Error.

    It costs as much as a save, and leaves dead rows for PostgreSQL to vacuum. So it is meant only
    for when saves fail.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA user_version")
            (version,) = cursor.fetchone()
            cursor.execute(f"PRAGMA user_version = {version}")
            return
        with transaction.atomic():
            cursor.execute("CREATE TEMP TABLE room AS SELECT generate_series(1, 1000)")
            transaction.set_rollback(True)
