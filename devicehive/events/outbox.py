"""What this process tells the others."""

import asyncio
import logging
from collections.abc import Sequence

from devicehive.events import layer
from devicehive.events.event import PROCESS, Event

logger = logging.getLogger(__name__)

BEAT_SECONDS = 1
"""How long other processes may not know that something was lost: each message has a number, and
one is sent this often at least."""


class Outbox:
    """Sends all that waits in one numbered message, as fast as Redis takes it."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.due = asyncio.Event()
        """Set when a message is to be sent, even one without events."""
        self.sent = 0
        self.is_away = False
        self.is_closed = False

    def add(self, events: Sequence[Event]) -> None:
        self.events += events
        self.due.set()

    def close(self) -> None:
        """Let `send` end when it has sent what waits, or has tried to."""
        self.is_closed = True
        self.due.set()

    async def send(self) -> None:
        """Send until closed."""
        while self.events or not self.is_closed:
            await self.due.wait()
            self.due.clear()
            events, self.events = self.events, []
            self.sent += 1
            try:
                await layer.send(PROCESS, self.sent, events)
            except layer.AWAY as error:
                # Nothing is lost: a number is missing now.
                self.note(error)
            else:
                self.note(None)

    def note(self, error: Exception | None) -> None:
        """Say that Redis has gone or come back, once each."""
        if error and not self.is_away:
            logger.warning("Redis is away, and other processes hear nothing: %s", error)
        elif self.is_away and not error:
            logger.warning("Redis is back, and other processes hear of everything again")
        self.is_away = error is not None

    async def beat(self) -> None:
        """Send something every BEAT_SECONDS, even when nothing happens."""
        while True:
            self.due.set()
            await asyncio.sleep(BEAT_SECONDS)
