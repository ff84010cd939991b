"""Passwords that this process has verified, so that the next log-in need not hash (ADR 26)."""

import secrets
from hashlib import blake2b
from hmac import compare_digest
from time import monotonic

KNOWN_SECONDS = 300
"""How long a verified password is remembered: DeviceHive's Python client logs in for every call."""
MOST_KNOWN = 20_000
"""The most users whose passwords are remembered; they take about 5 MB."""


class KnownPasswords:
    """Keeps a digest of each password together with the stored hash it matched, keyed with a secret
    that never leaves the process. When the stored hash changes, the digest no longer matches.

    This does not help anyone who guesses passwords: a wrong password is always hashed.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._kept: dict[int, tuple[bytes, float]] = {}
        """By user, the oldest first: the digest, and until when it is valid."""

    def remember(self, user_id: int, password: str, stored: str) -> None:
        self._kept.pop(user_id, None)
        while len(self._kept) >= MOST_KNOWN:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[user_id] = self._digest(password, stored), monotonic() + KNOWN_SECONDS

    def has(self, user_id: int, password: str, stored: str) -> bool:
        digest, until = self._kept.get(user_id, (b"", 0.0))
        return monotonic() < until and compare_digest(digest, self._digest(password, stored))

    def _digest(self, password: str, stored: str) -> bytes:
        # With the length, no other pair of texts gives the same input.
        text = f"{len(stored)} {stored}{password}".encode()
        return blake2b(text, key=self._key, digest_size=32).digest()


known_passwords = KnownPasswords()
