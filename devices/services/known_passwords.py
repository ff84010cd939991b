"""Passwords that this process has verified, so that the next log-in need not hash (ADR 26)."""

import secrets
from hashlib import blake2b
from hmac import compare_digest
from time import monotonic

KNOWN_SECONDS = 300
"""How long after a password was hashed it is known: DeviceHive's Python client logs in for every
call."""
MOST_KNOWN = 20_000
"""Users; some 5 MB."""


class KnownPasswords:
    """Keeps a digest of each, with a key that never leaves the process, and of the stored hash
    that the password was right for: when that changes, anywhere, nothing is known.

    Whoever guesses passwords gains nothing: a wrong one is hashed in any case.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._kept: dict[int, tuple[bytes, float]] = {}
        """By user, the oldest first: the digest, and until when it counts."""

    def remember(self, user_id: int, password: str, stored: str) -> None:
        self._kept.pop(user_id, None)
        while len(self._kept) >= MOST_KNOWN:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[user_id] = self._digest(password, stored), monotonic() + KNOWN_SECONDS

    def has(self, user_id: int, password: str, stored: str) -> bool:
        digest, until = self._kept.get(user_id, (b"", 0.0))
        return monotonic() < until and compare_digest(digest, self._digest(password, stored))

    def _digest(self, password: str, stored: str) -> bytes:
        # The length keeps the two apart.
        text = f"{len(stored)} {stored}{password}".encode()
        return blake2b(text, key=self._key, digest_size=32).digest()


known_passwords = KnownPasswords()
