"""Schedules reading: in each event loop iteration, connections of low priority share a little time.

Connections that save are read as soon as their data comes. All others, and those that send more
than fits into their own turn, share the time that `Turns` gives. So an iteration of the event loop
takes about the same time, however many clients flood.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

from devicehive.serving.addresses import Address

SHARED_SECONDS = 0.0005
"""The time in each event loop iteration for all connections that wait to be read. It is short,
because a save takes five iterations from its frame to its answer; if there is more to read, the
next iteration follows at once."""
AFTERWARDS_SECONDS = 0.0002
"""The time that a frame or request takes after it was read: the first step of its handler."""


class Turns:
    """Gives turns to the addresses that wait, and in each turn reads one connection of the address,
    until the time of this event loop iteration is used up.

    An instance belongs to the event loop of a server.
    """

    def __init__(self) -> None:
        self._waiting: deque[Address] = deque()
        self._used = 0.0
        """Seconds used in this event loop iteration."""
        self._is_next_due = False

    @property
    def is_over(self) -> bool:
        """Whether the time of this event loop iteration is used up."""
        return self._used >= SHARED_SECONDS

    def take(self, address: Address, read: Callable[[], None]) -> None:
        """Call `read` now if no connection waits and there is time left, otherwise in its turn."""
        if self._waiting or self.is_over:
            self.queue(address, read)
        else:
            self._call(read)

    def queue(self, address: Address, read: Callable[[], None]) -> None:
        """Have `read` called in the next turn of its connection, not now."""
        address.waiting.append(read)
        if len(address.waiting) == 1:
            self._waiting.append(address)
        self._begin_next()

    def charge(self, seconds: float) -> None:
        """Count time against this event loop iteration: used by reading, or needed later because
        of it."""
        self._used += seconds
        self._begin_next()

    def _call(self, read: Callable[[], None]) -> None:
        began = monotonic()
        try:
            read()
        finally:
            self.charge(monotonic() - began)

    def _begin_next(self) -> None:
        if not self._is_next_due:
            self._is_next_due = True
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        self._is_next_due = False
        self._used = 0.0
        while self._waiting and not self.is_over:
            address = self._waiting.popleft()
            read = address.waiting.popleft()
            if address.waiting:
                self._waiting.append(address)
            self._call(read)
