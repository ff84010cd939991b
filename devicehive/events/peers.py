"""What came from each of the other processes, and what is missing of it.

An event that a process has stored is dispatched here once, whether it came through the channel
layer, was read from the database, or both.

What becomes of a process by how long nothing has come from it, while our own messages come back:

    0 ──────────── SILENT ─────────────────── DEAD ──────────────── FORGOTTEN
       its numbers     looked up every second      its next number       a new process
       are followed                                shows a gap
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error
from django.utils.module_loading import import_string

from devicehive.events.event import COMMAND_LINE, Event
from devicehive.events.hub import Hub
from devicehive.metrics import MISSED
from devicehive.orm.failures import note_failure
from devicehive.protocol.actions import Runs
from devicehive.protocol.sessions import sessions
from devicehive.protocol.timestamps import now
from devicehive.serving import database

LOOK_SECONDS = 1
"""How often is looked for what nobody will tell."""
OVERLAP = timedelta(seconds=10)
"""How much further back than what has come is looked for what is missing: longer than a
transaction takes, and than the clocks of two servers differ."""
SILENT = timedelta(seconds=5)
"""A process that sends nothing for so long has lost Redis, or has died before it could tell what
it had stored. From then on it is looked up in the database. Five of its beats are missing then."""
DEAD = timedelta(seconds=60)
"""A process that is silent for so long is looked up no more: it has stopped, or its next number
will show a gap."""
FORGOTTEN = timedelta(days=1)
"""A process that is silent for so long is taken for a new one if it comes back."""

Missed = Callable[[int, datetime], Iterable[Sequence[Event]]]
"""The events that a process has stored since a moment, in order and in slices."""


class Seen:
    """The keys of the latest events of a process, and when they came."""

    def __init__(self) -> None:
        self.moments: dict[str, datetime] = {}
        """The oldest first."""

    def add(self, key: str) -> bool:
        """False if it is known already."""
        if key in self.moments:
            return False
        self.moments[key] = now()
        return True

    def prune(self, before: datetime) -> None:
        """Forget the keys that came before a moment."""
        while self.moments:
            key, moment = next(iter(self.moments.items()))
            if moment >= before:
                return
            del self.moments[key]


@dataclass(slots=True)
class Peer:
    complete_until: datetime
    """What it stored up to then has been dispatched."""
    heard_at: datetime
    number: int = 0
    """The number of its last message."""
    seen: Seen = field(default_factory=Seen)

    @property
    def incomplete_since(self) -> datetime:
        """From when on something may be missing."""
        return self.complete_until - OVERLAP

    def complete(self, until: datetime) -> None:
        """Note that nothing is missing, and drop the keys that no catching up brings again."""
        self.complete_until = until
        self.seen.prune(self.incomplete_since - OVERLAP)


class Peers:
    """All other processes. Belongs to an event loop, and is used on it alone."""

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

    def note_own(self) -> None:
        """Note that a message of our own has come back: silence is not the fault of Redis."""
        self.listened_at = now()

    async def follow(self, sender: int, number: int, sent_at: datetime) -> bool:
        """Take note of a message, after dispatching what was lost before it.

        False if that is not possible now: then its events will be read with the rest.
        """
        peer = self.find(sender)
        if number != peer.number + 1 and not await self.catch_up(sender):
            return False
        peer.number, peer.heard_at = number, now()
        peer.complete(sent_at)
        return True

    async def watch(self) -> None:
        """Look up, every LOOK_SECONDS, what nobody will tell of."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look_up()

    async def look_up(self) -> None:
        """Dispatch what command lines and silent processes have stored."""
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
        """Dispatch, once, what a process has stored and not told us. False if that failed."""
        peer, moment = self.find(sender), now()
        if self.hub.has_listeners or sessions:
            try:
                await database.run(Runs.DATABASE, self.read, sender, peer.incomplete_since)
            except Error as error:
                note_failure(error, "what was missed is not delivered yet")
                return False
        peer.complete(moment)
        return True

    def read(self, sender: int, since: datetime) -> None:
        """Called in a thread for the database."""
        for events in self.missed(sender, since):
            self.loop.call_soon_threadsafe(self.accept, sender, events)

    def accept(self, sender: int, events: Sequence[Event]) -> None:
        """Dispatch those events of a process that have not been."""
        seen = self.find(sender).seen
        for event in events:
            if seen.add(event.key):
                MISSED.values[()] += event.is_late and sender != COMMAND_LINE
                self.hub.dispatch(event)
