"""Secrets that are generated at the first start, and the key that signs tokens."""

import base64
import os
import re
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from devicehive.state import unusable


def kept(path: Path) -> str:
    """Return the secret in `path`. If there is none, make one: 256 random bits in hexadecimal.

    `JWT_SECRET` is read as Base64, which drops other characters and an incomplete last group of
    four; 64 hexadecimal digits lose nothing. Raises ImproperlyConfigured if the secret can neither
    be read nor made.
    """
    try:
        if not path.exists():
            _make(path)
        return path.read_text().strip()
    except OSError as error:
        raise unusable(path.parent, error) from None


def _make(path: Path) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:  # mode 0600
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        # If another process starts at the same moment and is first, its secret is used.
        with suppress(FileExistsError):
            os.link(file.name, path)


def signing_key(secret: str) -> bytes:
    """The key that signs tokens: `secret`, leniently decoded as Base64 (protocol, 2.2).

    Characters outside the alphabet are dropped, then an incomplete last group of four. Raises
    ImproperlyConfigured if nothing is left: with an empty key anybody could forge tokens.
    """
    kept = re.sub(r"[^A-Za-z0-9+/=]", "", secret)
    groups = re.findall(r"[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==", kept)
    key = b"".join(base64.b64decode(group) for group in groups)
    if not key:
        raise ImproperlyConfigured(
            "JWT_SECRET gives an empty key: it is read as Base64 and needs at least 4 characters "
            "of A-Z a-z 0-9 + /; try `openssl rand -base64 32`"
        )
    return key
