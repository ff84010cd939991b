"""Writing a file so that there is never half of it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOBase
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[TextIOBase]:
    """A draft that takes the place of `path` once it is whole and on disk. Whatever goes wrong
    before, what `path` was stays. A pipe or a device cannot be replaced and is written to."""
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
