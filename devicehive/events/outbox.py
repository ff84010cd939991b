"""What this process tells the others."""

import asyncio
import logging
from collections.abc import Sequence

from devicehive.events import layer
from devicehive.events.event import EVERY_ACTION, PROCESS, Event
from devicehive.events.hub import Hub
from devicehive.events.peers import Peers, is_among

logger = logging.getLogger(__name__)

BEAT_SECONDS = 1
"""How long other processes may not know that something was lost: each message has a number, and
one is sent this often at least."""


class Outbox:
    """Sends all that waits in one numbered message, as fast as Redis takes it: events of the
    actions that another process wants to hear of, and what servers themselves are to hear."""

    def __init__(self, hub: Hub, peers: Peers) -> None:
        self.hub = hub
        self.peers = peers
        self.actions = frozenset({EVERY_ACTION})
        """Whose events are sent. It changes only between two messages, so that each message can
        say of which actions nothing is missing since the last."""
        self.events: list[Event] = []
        self.due = asyncio.Event()
        """Set when a message is to be sent, even one without events."""
        self.sent = 0
        self.is_away = False
        self.is_closed = False

    def add(self, events: Sequence[Event]) -> None:
        """Send those of the events that anybody wants."""
        wanted = [event for event in events if is_among(self.actions, event.action)]
        if wanted:
            self.add_all(wanted)

    def add_all(self, events: Sequence[Event]) -> None:
        """Send them, whatever is wanted."""
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
            events, actions = self.take()
            try:
                await layer.send(PROCESS, self.sent, events, wanted=self.hub.actions, sent=actions)
            except layer.AWAY as error:
                # Nothing is lost: a number is missing now.
                self.note(error)
            else:
                self.note(None)

    def take(self) -> tuple[list[Event], frozenset[str]]:
        """What the next message tells, and of which actions that is all since the last one."""
        events, self.events = self.events, []
        actions, self.actions = self.actions, self.peers.wanted()
        if self.actions != actions:
            self.due.set()  # Who waits for that is to know at once.
        self.sent += 1
        return events, actions

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
