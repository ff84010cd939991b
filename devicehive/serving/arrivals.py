"""Limits how fast one address may open connections. Connections beyond that are closed before
anything is read: each costs as much as several messages, before it is known whose it is."""

from collections.abc import Callable
from socket import socket
from time import monotonic
from typing import Any, Self

from django.conf import settings
from twisted.internet import reactor
from twisted.internet.tcp import Port

from devicehive.serving.addresses import is_trusted, prefix_of

BURST_SECONDS = 10
"""The connections of so many seconds may come at once: all devices behind an address, after a
pause."""
MOST_REMEMBERED = 10_000
"""The number of addresses that are kept, which takes some 2 MB. The least recent are dropped."""
MOST_ACCEPTED = 4
"""How many connections are accepted per event loop iteration, each some 0.1 ms; the others wait in
the system's queue."""


class ArrivalPort(Port):
    """A listening socket that accepts only a few connections per event loop iteration."""

    @classmethod
    def adopt(cls, listening: socket, factory: Any) -> Self:
        """Listen on a copy of a socket and close the original, as the reactor does."""
        make: Any = cls._fromListeningDescriptor
        with listening:
            listening.setblocking(False)
            port: Self = make(reactor, listening.fileno(), listening.family, factory)
        port.startListening()
        return port

    @property
    def numberAccepts(self) -> int:  # noqa: N802  # Twisted's name
        return MOST_ACCEPTED

    @numberAccepts.setter
    def numberAccepts(self, wanted: int) -> None:  # noqa: N802  # as above
        """Ignored: Twisted sets a hundred, and more under load."""


class Arrivals:
    """A token bucket for each address, which fills up by CONNECTIONS_PER_SECOND."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}
        """By address: the number of connections left in its bucket, and when it was computed."""

    def admit(self, host: str) -> bool:
        """Whether an address may open one more connection now. If so, it is counted."""
        per_second = settings.CONNECTIONS_PER_SECOND
        # Behind a proxy, all connections have the proxy's address.
        if not per_second or settings.TRUST_PROXY or is_trusted(host):
            return True
        key, now = prefix_of(host), monotonic()
        most = per_second * BURST_SECONDS
        left, since = self._left.pop(key, (float(most), now))
        left = min(most, left + (now - since) * per_second)
        admitted = left >= 1
        self._left[key] = left - admitted, now
        while len(self._left) > MOST_REMEMBERED:
            del self._left[next(iter(self._left))]
        return admitted


def build_while_slow(arrivals: Arrivals, build: Callable[[Any], Any], address: Any) -> Any:
    """Make the protocol of a new connection; None, if its address opens too many, closes it."""
    # A Unix socket has no host; only a proxy uses one.
    return build(address) if arrivals.admit(getattr(address, "host", "")) else None
