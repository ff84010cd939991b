"""Lists and pages of one address are made one after the other.

A thread that makes one computes most of the time, and only one thread of a process computes at a
time. So several make no more of them, but each takes as much as the event loop gets, or as the
thread that saves.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

LANE_SECONDS = 1
"""After which the next begins nevertheless: what takes longer waits for the database."""


class Lane:
    """Belongs to an event loop."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Wait until those before are done, or have taken too long."""
        await self._lock.acquire()
        leaving = ExitStack()
        leaving.callback(self._lock.release)
        timer = asyncio.get_running_loop().call_later(LANE_SECONDS, leaving.close)
        try:
            yield
        finally:
            timer.cancel()
            leaving.close()
