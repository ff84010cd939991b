"""Checks whether the database has the tables of this version and can store any character."""

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """The migrations of the running code. They are cached, because the files on disk may already be
    those of the next version."""
    return frozenset(MigrationLoader(None).graph.nodes)


def missing_migrations() -> list[str]:
    """The known migrations that were not applied, such as `devices.0001_registry`. Raises
    django.db.Error."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(map(".".join, known_migrations() - applied.keys()))


def foreign_encoding() -> str | None:
    """The encoding of the database if it cannot store every character, else None. Raises
    django.db.Error."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        (encoding,) = cursor.fetchone()
    return None if encoding == "UTF8" else str(encoding)
