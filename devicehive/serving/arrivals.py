"""How fast the connections of one address come: each costs what several messages cost, before
anyone knows whose it is. Who comes faster than it may is closed at once, unheard."""

from collections.abc import Callable
from socket import socket
from time import monotonic
from typing import Any, Self

from django.conf import settings
from twisted.internet import reactor
from twisted.internet.tcp import Port

from devicehive.serving.addresses import is_trusted, prefix_of

BURST_SECONDS = 10
"""Of CONNECTIONS_PER_SECOND, so many may come at once: the devices behind one address, after a
pause."""
MOST_REMEMBERED = 10_000
"""Addresses; some 2 MB. The longest unheard of are forgotten, as if they had never come."""
MOST_ACCEPTED = 4
"""Connections in one turn of the event loop, each some 0.1 ms; those that come at once wait in the
system's queue."""


class ArrivalPort(Port):
    """A listening socket that is accepted from a little at a time."""

    @classmethod
    def adopt(cls, listening: socket, factory: Any) -> Self:
        """Listen by a copy of a socket, which is closed: what the reactor does with one."""
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
        """Twisted wants a hundred, and more the more come."""


class Arrivals:
    """A bucket for each address, which is filled as fast as connections are allowed."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}
        """For how many connections there is room, and since when."""

    def admit(self, host: str) -> bool:
        """Whether an address may open one more now, which is then counted."""
        per_second = settings.CONNECTIONS_PER_SECOND
        # Behind a proxy, all come from that.
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
    """Make the protocol of a new connection, or None, which has it closed at once."""
    # A Unix socket has no host, and a proxy behind it.
    return build(address) if arrivals.admit(getattr(address, "host", "")) else None
