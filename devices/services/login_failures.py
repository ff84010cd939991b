"""Count wrong passwords, and say how long a login has to wait before the next try (R-46).

Each process counts for itself, in memory and by a monotonic clock. Memory is bounded: when there is
no room for more, the oldest entry is forgotten.
"""

import threading
from collections import deque
from dataclasses import dataclass
from hashlib import blake2b
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

from devicehive.serving.addresses import Address

K = TypeVar("K")
V = TypeVar("V")

DAY_SECONDS = 86_400
LONGEST_WAIT_SECONDS = 900
MINUTE_SECONDS = 60
MOST_FAILURES_A_MINUTE = 100
"""The most failures of one address a minute, over all logins."""
MOST_COUNTED = 20_000
"""The most pairs of login and address that are remembered; they take about 5 MB."""
MOST_ADDRESSES = 2_000
"""The most addresses that are remembered, each with the times of its last hundred failures."""


class Recent(Generic[K, V]):
    """A mapping that forgets what was set more than a day ago, or before `most` others."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: dict[K, tuple[float, V]] = {}

    def get(self, key: K) -> V | None:
        since, value = self._kept.get(key, (0.0, None))
        return value if monotonic() - since < DAY_SECONDS else None

    def set(self, key: K, value: V) -> None:
        self._kept.pop(key, None)
        while len(self._kept) >= self.most:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = monotonic(), value

    def drop(self, key: K) -> None:
        self._kept.pop(key, None)

    def items(self) -> list[tuple[K, V]]:
        return [(key, value) for key, (_, value) in self._kept.items()]


@dataclass(frozen=True, slots=True)
class Failures:
    """The failed log-ins of a login from an address."""

    number: int
    free: int
    """How many failures have no consequence."""
    last: float
    user_id: int | None

    @property
    def seconds_left(self) -> float:
        """How long to wait: after each failure twice as long as after the one before."""
        if self.number < self.free:
            return 0.0
        wait = min(LONGEST_WAIT_SECONDS, 2.0 ** min(self.number - self.free, 16))
        return self.last + wait - monotonic()


class LoginAtAddress(NamedTuple):
    """A login and an address. It keeps a digest, because a login can be as long as a message."""

    login: bytes
    address: str

    @classmethod
    def of(cls, login: str, address: Address) -> "LoginAtAddress":
        return cls(blake2b(login.encode(), digest_size=16).digest(), address.key)


class LoginFailures:
    """The failures of all logins and addresses. It is thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = Recent[LoginAtAddress, Failures](MOST_COUNTED)
        self._addresses = Recent[str, deque[float]](MOST_ADDRESSES)
        """The times of the last hundred failures of each address."""
        self._succeeded = Recent[LoginAtAddress, bool](MOST_COUNTED)

    def seconds_to_wait(self, login: str, address: Address) -> float:
        """How long until a login may be tried at an address; nothing if that is now."""
        key = LoginAtAddress.of(login, address)
        with self._lock:
            failures = self._failures.get(key)
            left = failures.seconds_left if failures else 0.0
            if address.trusted or self._succeeded.get(key):
                return max(0.0, left)
            return max(0.0, left, self._seconds_of(address))

    def _seconds_of(self, address: Address) -> float:
        moments = self._addresses.get(address.key)
        if moments is None or len(moments) < MOST_FAILURES_A_MINUTE:
            return 0.0
        return moments[0] + MINUTE_SECONDS - monotonic()

    def fail(self, login: str, address: Address, *, free: int, user_id: int | None) -> None:
        """Count a wrong password; the first `free` ones have no consequence."""
        key = LoginAtAddress.of(login, address)
        with self._lock:
            before = self._failures.get(key)
            number = before.number + 1 if before else 1
            self._failures.set(key, Failures(number, free, monotonic(), user_id))
            if not address.trusted:
                moments = self._addresses.get(address.key) or deque(maxlen=MOST_FAILURES_A_MINUTE)
                moments.append(monotonic())
                self._addresses.set(address.key, moments)

    def succeed(self, login: str, address: Address) -> None:
        """Forget the failures of a login at an address, and remember that it succeeded there."""
        key = LoginAtAddress.of(login, address)
        with self._lock:
            self._failures.drop(key)
            self._succeeded.set(key, True)

    def forget(self, user_id: int) -> None:
        """Let a user try again at once, after a new password or an unlock."""
        with self._lock:
            for key, failures in self._failures.items():
                if failures.user_id == user_id:
                    self._failures.drop(key)


login_failures = LoginFailures()
