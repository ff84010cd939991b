"""The messages that this process sends to the others: its events, numbered."""

import asyncio
import logging
from collections.abc import Sequence

from devicehive.events import layer
from devicehive.events.event import EVERY_ACTION, PROCESS, Event
from devicehive.events.hub import Hub
from devicehive.events.peers import Peers, is_among

logger = logging.getLogger(__name__)

BEAT_SECONDS = 1
"""How often a message is sent at least. After this time other processes notice by the numbers that
a message was lost."""


class Outbox:
    """Sends waiting events to the other processes, all in one numbered message, as fast as Redis
    takes messages: events that another process wants, and events for the servers themselves."""

    def __init__(self, hub: Hub, peers: Peers) -> None:
        self.hub = hub
        self.peers = peers
        self.actions = frozenset({EVERY_ACTION})
        """The actions whose events are sent. It changes only between two messages, so that each
        message can say of which actions it has all events since the last message."""
        self.events: list[Event] = []
        self.due = asyncio.Event()
        """Set when a message is to be sent, even one without events."""
        self.sent = 0
        self.is_away = False
        self.is_closed = False

    def add(self, events: Sequence[Event]) -> None:
        """Send those of the events that some process wants."""
        wanted = [event for event in events if is_among(self.actions, event.action)]
        if wanted:
            self.add_all(wanted)

    def add_all(self, events: Sequence[Event]) -> None:
        """Send all these events, whether wanted or not."""
        self.events += events
        self.due.set()

    def close(self) -> None:
        """Let `send` return once it has tried to send the events that wait."""
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
                # The events are not lost: other processes will find this number missing.
                self.note(error)
            else:
                self.note(None)

    def take(self) -> tuple[list[Event], frozenset[str]]:
        """The events of the next message, and the actions of which these are all events since the
        last message."""
        events, self.events = self.events, []
        actions, self.actions = self.actions, self.peers.wanted()
        if self.actions != actions:
            self.due.set()  # Tell a process that waits for this change at once.
        self.sent += 1
        return events, actions

    def note(self, error: Exception | None) -> None:
        """Log when Redis goes away or comes back, once each time."""
        if error and not self.is_away:
            logger.warning("Redis is away, so other processes get no events: %s", error)
        elif self.is_away and not error:
            logger.warning("Redis is back, and other processes get all events again")
        self.is_away = error is not None

    async def beat(self) -> None:
        """Send a message every BEAT_SECONDS, even without events."""
        while True:
            self.due.set()
            await asyncio.sleep(BEAT_SECONDS)
