"""Secrets that a first start makes and every later one reuses."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def kept(path: Path) -> str:
    """Return the secret in `path`, made on the first call: 256 random bits in hexadecimal.

    Hexadecimal, because `JWT_SECRET` is read as Base64 text and loses any other character,
    and because 64 characters are whole groups of four, so that nothing of it is dropped.
    """
    if not path.exists():
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:  # mode 0600
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            # Another process may have started at the same moment; then its secret is the one.
            with suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text().strip()
