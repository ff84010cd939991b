"""Create the benchmark's databases, and read them to check its numbers."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from benchmarks import proc

VENDORS = ("SQLite", "PostgreSQL")
# PostgreSQL's shared processes; a session's process has the name of its database in its title.
POSTGRESQL_HELPERS = ("checkpointer", "background writer", "walwriter", "autovacuum")


WAIT_SECONDS = 60
"""How long to wait for SQLite's lock."""


class SQLite:
    vendor = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "database.sqlite3"
        self.url = f"sqlite:///{self.path}"

    def drop(self) -> None:
        for path in self.path.parent.glob(self.path.name + "*"):
            path.unlink()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()

    def change(self, statement: str) -> None:
        with closing(sqlite3.connect(self.path, WAIT_SECONDS)) as connection, connection:
            connection.execute(statement)

    def settle(self) -> None:
        """Do nothing: SQLite has no work left after much was written."""
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def processes(self) -> Iterator[int]:
        """No processes: the database is part of the server."""
        yield from ()

    def durability(self) -> str:
        return "WAL, synchronous=FULL, set by each contender"


class PostgreSQL:
    vendor = "PostgreSQL"

    def __init__(self, url: str, suffix: str) -> None:
        """Create a database beside the one that `url` names, which itself is not changed."""
        parts = urlsplit(url)
        self.name = f"{parts.path[1:]}_bench_{suffix}"
        self.given = url
        self.url = urlunsplit(parts._replace(path="/" + self.name))
        self.drop()
        self._command(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.name)))
        self.postmaster = self._find_postmaster()

    def drop(self) -> None:
        name = sql.Identifier(self.name)
        self._command(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def _command(self, command: sql.Composed) -> None:
        with psycopg.connect(self.given, autocommit=True) as connection:
            connection.execute(command)

    def _find_postmaster(self) -> int | None:
        """None when the database server runs on another machine or in a container."""
        with psycopg.connect(self.url) as connection:
            backend = connection.info.backend_pid
            if self.name in proc.title(backend):
                return proc.parent(backend)
        return None

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query.encode()).fetchall()

    def change(self, statement: str) -> None:
        with psycopg.connect(self.url, options="-c timezone=UTC") as connection:
            connection.execute(statement.encode())

    def settle(self) -> None:
        """Vacuum now, because autovacuum would do it later, during a measurement."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")

    def processes(self) -> Iterator[int]:
        """The processes that work for this database: its sessions and the server's helpers."""
        if self.postmaster is None:
            return
        for pid in proc.children(self.postmaster):
            title = proc.title(pid)
            if f" {self.name} " in title or any(name in title for name in POSTGRESQL_HELPERS):
                yield pid

    def durability(self) -> str:
        names = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method")
        return ", ".join(f"{name}={self.rows(f'SHOW {name}')[0][0]}" for name in names)


Database = SQLite | PostgreSQL


def version(database: Database) -> str:
    if isinstance(database, SQLite):
        return f"SQLite {sqlite3.sqlite_version}"
    return "PostgreSQL " + str(database.rows("SHOW server_version")[0][0]).split(" ")[0]


def stored_counts(database: Database, table: str) -> dict[str, int]:
    """The `count` in the stored `data` of each device that the benchmark saved."""
    query = f"SELECT id, data FROM {table} WHERE id LIKE 'device-%' OR id LIKE 'new-%'"
    return {
        id_: (json.loads(data) if isinstance(data, str) else data)["count"]
        for id_, data in database.rows(query)
    }


def given_url() -> str | None:
    """DATABASE_URL, if it names a PostgreSQL server."""
    url = os.environ.get("DATABASE_URL", "")
    return url if url.startswith("postgres") else None
