"""Files of STATE_DIR: of their user alone, whatever the umask."""

import os
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

OF_ITS_USER = 0o700
IN_MEMORY = ":memory:"
BESIDE = ("", "-wal", "-shm")
"""What SQLite keeps beside a database has the mode that the database had."""


def make_folder(path: Path) -> None:
    """Make it, unless it is there; then its mode is for whoever made it to say."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(path, error) from None


def unusable(folder: Path, error: OSError) -> ImproperlyConfigured:
    reason = "it is no folder" if isinstance(error, FileExistsError) else error.strerror
    return ImproperlyConfigured(f"STATE_DIR={folder} cannot be used: {reason}")


def keep_private(database: Path, folder: Path) -> None:
    """Have others keep out of the file of SQLite, which makes it as the umask says.

    One that is elsewhere than in `folder`, or was made there by somebody else, is left alone.
    """
    for path in (database.with_name(database.name + suffix) for suffix in BESIDE):
        if path.parent == folder and path.is_file():
            with suppress(OSError):  # It is somebody else's, or on a disk that is only read.
                path.chmod(path.stat().st_mode & OF_ITS_USER)
    if database.parent.is_dir() and database.name != IN_MEMORY:
        with suppress(OSError):  # It is there; or cannot be, which SQLite says when it opens it.
            os.close(os.open(database, os.O_CREAT | os.O_EXCL, 0o600))
