"""Write a file so that it is never half written."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOBase
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[TextIOBase]:
    """A draft that replaces `path` once it is complete and on disk. If anything fails before,
    `path` stays as it was. A pipe or a device cannot be replaced, and is written to directly."""
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    target = path.resolve()
    draft = target.with_name(f".exportdevices-{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
