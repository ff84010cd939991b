"""Turns to be read: of each turn of the event loop, a little is for those who have to wait.

Who has authenticated is read when its bytes come. Everybody else, and who sends more than fits its
own turn, shares what `Turns` gives: so a turn of the loop takes about as long however many flood.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

from devicehive.serving.addresses import Address

SHARED_SECONDS = 0.0005
"""Of a turn of the loop, for all who wait to be read. A save takes five turns from its frame to its
answer; what one turn has too little of, the next one follows at once."""
AFTERWARDS_SECONDS = 0.0002
"""What a frame or a request that was read takes afterwards: the first step of what answers it."""


class Turns:
    """Gives each address that waits a turn, and in it one of its connections, until the time is up.

    Belongs to the event loop of a server.
    """

    def __init__(self) -> None:
        self._waiting: deque[Address] = deque()
        self._used = 0.0
        """Seconds of this turn of the loop."""
        self._is_next_due = False

    @property
    def is_over(self) -> bool:
        """Whether the rest waits for the next turn of the loop."""
        return self._used >= SHARED_SECONDS

    def take(self, address: Address, read: Callable[[], None]) -> None:
        """Call `read` now if nobody waits and there is time left, or else when it is its turn."""
        if self._waiting or self.is_over:
            self.queue(address, read)
        else:
            self._call(read)

    def queue(self, address: Address, read: Callable[[], None]) -> None:
        """Have `read` called when it is its turn, and not in this one."""
        address.waiting.append(read)
        if len(address.waiting) == 1:
            self._waiting.append(address)
        self._begin_next()

    def charge(self, seconds: float) -> None:
        """So much is to be done in a later turn because of what was read in this one."""
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
