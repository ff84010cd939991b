"""Keeps the files in STATE_DIR private to their user, whatever the umask."""

import os
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

OF_ITS_USER = 0o700
IN_MEMORY = ":memory:"
BESIDE = ("", "-wal", "-shm")
"""The suffixes of SQLite's files: the database itself, and the files beside it, for which SQLite
uses the mode of the database."""


def make_folder(path: Path) -> None:
    """Make a folder with mode 0700. The mode of an existing folder is left alone, as somebody has
    chosen it. Raises ImproperlyConfigured."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(path, error) from None


def unusable(folder: Path, error: OSError) -> ImproperlyConfigured:
    """The error that says why STATE_DIR cannot be used."""
    reason = "it is not a folder" if isinstance(error, FileExistsError) else error.strerror
    return ImproperlyConfigured(f"STATE_DIR={folder} cannot be used: {reason}")


def keep_private(database: Path, folder: Path) -> None:
    """Make SQLite's files readable by their user only; SQLite itself would use the umask.

    Files outside of `folder`, and files of another user, are left alone.
    """
    for path in (database.with_name(database.name + suffix) for suffix in BESIDE):
        if path.parent == folder and path.is_file():
            with suppress(OSError):  # The file belongs to another user, or the disk is read-only.
                path.chmod(path.stat().st_mode & OF_ITS_USER)
    if database.parent.is_dir() and database.name != IN_MEMORY:
        with suppress(OSError):  # It exists, or cannot be made, which SQLite will report itself.
            os.close(os.open(database, os.O_CREAT | os.O_EXCL, 0o600))
