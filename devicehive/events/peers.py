"""What came from each of the other processes, and what is missing of it.

An event that a process has stored is delivered here once, whether it came through the channel
layer, was read from the database, or both.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error
from django.utils.module_loading import import_string

from devicehive.events.subscriptions import Event, Hub
from devicehive.protocol.actions import Runs
from devicehive.protocol.shapes import now
from devicehive.serving import database

logger = logging.getLogger(__name__)

COMMAND_LINE = 0
"""Stands for all that no server process stored: it numbers nothing, and is always looked up."""
OVERLAP = timedelta(seconds=10)
"""How much further back than what has come is looked for what is missing: longer than a
transaction takes, and than the clocks of two servers differ."""
SILENT = timedelta(seconds=5)
"""Who sends nothing for so long has lost Redis, or has died before it could tell what it had
stored: it is looked up in the database ..."""
DEAD = timedelta(seconds=60)
"""... until then. If it comes back nevertheless, its next number shows a gap ..."""
FORGOTTEN = timedelta(days=1)
"""... unless it was away for this long."""

Missed = Callable[[int, datetime], Iterable[Sequence[Event]]]
"""The events that a process has stored since a moment, in order and in slices."""


@dataclass(slots=True)
class Peer:
    complete_until: datetime
    """What it stored up to then has been delivered."""
    heard_at: datetime
    number: int = 0
    """Of its last message."""
    delivered: dict[str, datetime] = field(default_factory=dict)
    """The keys of its latest events, the oldest first, and when they were delivered."""

    def complete(self, until: datetime) -> None:
        """Note that nothing is missing, and drop the keys that no catching up brings again."""
        self.complete_until = until
        until -= 2 * OVERLAP
        while self.delivered:
            key, moment = next(iter(self.delivered.items()))
            if moment >= until:
                return
            del self.delivered[key]


class Peers:
    """Belongs to an event loop, and is used on it alone."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.missed: Missed = import_string(settings.MISSED_EVENTS)
        self.loop = asyncio.get_running_loop()
        self.started_at = self.listened_at = now()
        self.found: dict[int, Peer] = {}

    def find(self, sender: int) -> Peer:
        if sender not in self.found:
            self.found[sender] = Peer(self.started_at, now())
        return self.found[sender]

    def listening(self) -> None:
        """A message of our own has come back: who is silent now is so by itself."""
        self.listened_at = now()

    async def follows(self, sender: int, number: int, sent_at: datetime) -> bool:
        """Take note of a message, after delivering what was lost before it.

        False if that is not possible now: then its events will be read with the rest.
        """
        peer = self.find(sender)
        if number != peer.number + 1 and not await self.catch_up(sender):
            return False
        peer.number, peer.heard_at = number, now()
        peer.complete(sent_at)
        return True

    async def look(self) -> None:
        """Deliver what nobody will tell of."""
        await self.catch_up(COMMAND_LINE)
        for sender, peer in list(self.found.items()):
            silence = self.listened_at - peer.heard_at
            if sender == COMMAND_LINE or silence < SILENT:
                continue
            if silence > FORGOTTEN:
                del self.found[sender]
            elif silence < DEAD:
                await self.catch_up(sender)

    async def catch_up(self, sender: int) -> bool:
        """Deliver, once, what a process has stored and not told us. False if that failed."""
        peer, moment = self.find(sender), now()
        if self.hub:
            try:
                since = peer.complete_until - OVERLAP
                await database.run(Runs.DATABASE, self.read, sender, since)
            except Error as error:
                logger.warning("what was missed is not delivered yet: %s", error)
                return False
        peer.complete(moment)
        return True

    def read(self, sender: int, since: datetime) -> None:
        """In a thread for the database."""
        for events in self.missed(sender, since):
            self.loop.call_soon_threadsafe(self.deliver, sender, events)

    def deliver(self, sender: int, events: Sequence[Event]) -> None:
        delivered, moment = self.find(sender).delivered, now()
        for event in events:
            if event.key not in delivered:
                delivered[event.key] = moment
                self.hub.deliver(event)
