"""Copies the whole database while servers run."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit


class BackupFailed(Exception):  # noqa: N818  # what a command says, in one line
    """There is no copy; the text says why, in one line."""


def back_up(database_url: str, target: Path) -> None:
    """Copy the database as it is at one moment. The copy replaces `target` once it is complete and
    on disk. Only its user may read it. Raises BackupFailed."""
    copy = _copy_sqlite if database_url.startswith("sqlite") else _dump_postgresql
    draft = target.with_name(f".backup-{os.getpid()}-{target.name}")
    try:
        # Created here with its mode, so that nobody else can read it at any moment.
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
            # `rw`, because otherwise SQLite would create a missing database.
            closing(sqlite3.connect(f"file:{quote(path)}?mode=rw", uri=True)) as source,
            closing(sqlite3.connect(draft)) as copy,
        ):
            # Copy all pages in one read transaction, during which servers can write. Copied in
            # steps, the backup would start again after each save.
            source.backup(copy)
            # Leave a single file that can be moved, without a write-ahead log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise BackupFailed(f"{path}: {error}") from None


def _dump_postgresql(database_url: str, draft: Path) -> None:
    url, password = _without_password(database_url)
    command = ["pg_dump", "--format=custom", "--no-owner", f"--file={draft}", f"--dbname={url}"]
    # The password is not in the command line, which all users of the machine can read.
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
