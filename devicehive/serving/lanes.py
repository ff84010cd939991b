"""Serialises the lists and pages that one address requests.

A thread that makes a list mostly computes, and because of the GIL only one thread of a process
computes at a time. Several threads would make no more lists, but each would take as much CPU time
as the event loop gets, or the writer thread.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

LANE_SECONDS = 1
"""After this time the next list is started anyway, because one that takes longer is waiting for the
database."""


class Lane:
    """A lock with a time limit. An instance belongs to one event loop."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Wait until those before have left, or have taken LANE_SECONDS."""
        await self._lock.acquire()
        leaving = ExitStack()
        leaving.callback(self._lock.release)
        timer = asyncio.get_running_loop().call_later(LANE_SECONDS, leaving.close)
        try:
            yield
        finally:
            timer.cancel()
            leaving.close()
