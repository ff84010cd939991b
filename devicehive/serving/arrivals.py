"""How fast the connections of one address come: each costs what several messages cost, before
anyone knows whose it is. Who comes faster than it may is closed at once, unheard."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from django.conf import settings

from devicehive.serving.addresses import is_trusted, prefix_of

BURST_SECONDS = 10
"""Of CONNECTIONS_PER_SECOND, so many may come at once: the devices behind one address, after a
pause."""
MOST_REMEMBERED = 10_000
"""Addresses; some 2 MB. The longest unheard of are forgotten, as if they had never come."""


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
