"""Copies of the whole database, made beside a running server."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit


class BackupFailed(Exception):  # noqa: N818  # what a command says, in one line
    """Why there is no copy, in one line."""


def back_up(database_url: str, target: Path) -> None:
    """Write a copy of the database as it is at one moment, which takes the place of `target` when
    it is whole and on disk. Only its user may read it. Raises BackupFailed."""
    copy = _copy_sqlite if database_url.startswith("sqlite") else _dump_postgresql
    draft = target.with_name(f".backup-{os.getpid()}-{target.name}")
    try:
        # Created here, so that nobody else can read it for a moment.
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        copy(database_url, draft)
        _sync(draft)
        draft.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise BackupFailed(f"{target}: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)


def _copy_sqlite(database_url: str, draft: Path) -> None:
    path = database_url.removeprefix("sqlite:///")
    try:
        with (
            # `rw`, because SQLite would make a database where there is none.
            closing(sqlite3.connect(f"file:{quote(path)}?mode=rw", uri=True)) as source,
            closing(sqlite3.connect(draft)) as copy,
        ):
            # All pages in one read transaction, beside which a server goes on writing. Page by page
            # it would begin anew with each save.
            source.backup(copy)
            # One file that can be moved about, without a log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise BackupFailed(f"{path}: {error}") from None


def _dump_postgresql(database_url: str, draft: Path) -> None:
    url, password = _without_password(database_url)
    command = ["pg_dump", "--format=custom", "--no-owner", f"--file={draft}", f"--dbname={url}"]
    # Not in the command line, which everybody on the machine can read.
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    try:
        ended = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603  # our own command line
    except FileNotFoundError:
        raise BackupFailed("pg_dump is not installed: it comes with PostgreSQL's client") from None
    if ended.returncode != 0:
        raise BackupFailed(" ".join(ended.stderr.split()) or "pg_dump failed")


def _without_password(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    user, found, address = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}@{address}" if found else parts.netloc
    return parts._replace(netloc=netloc).geturl(), unquote(parts.password or "")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
