"""Follows the messages of the other processes, and reads missed events from the database.

Each event is dispatched here once, whether it came through the channel layer, was read from the
database, or both.

How a process is treated depends on how long it has been silent, while our own messages came back:

    0 ──────────── SILENT ─────────────────── DEAD ──────────────── FORGOTTEN
       its numbers     looked up every second      its next number       a new process
       are followed                                shows a gap
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import Error
from django.utils.module_loading import import_string

from devicehive.events.event import COMMAND_LINE, EVERY_ACTION, Event
from devicehive.events.hub import Hub
from devicehive.metrics import MISSED
from devicehive.orm.clock import follow_database
from devicehive.orm.failures import note_failure
from devicehive.protocol.actions import Runs
from devicehive.protocol.sessions import sessions
from devicehive.protocol.timestamps import now
from devicehive.serving import database

LOOK_SECONDS = 1
"""How often events are looked up that no message will bring."""
OVERLAP = timedelta(seconds=10)
"""How far before the last known event a search for missed events begins. This is longer than a
transaction takes, and than the clocks of two servers differ, as both follow the database's."""
CLOCK_SECONDS = 10
"""How often the database's clock is read. Between two reads, missed events are found unless the
clock of this host is set."""
SILENT = timedelta(seconds=5)
"""A process that is silent for so long (five beats) has lost Redis, or has died before it could
send what it had stored. From then on its events are looked up in the database."""
DEAD = timedelta(seconds=60)
"""A process that is silent for so long is no longer looked up: it has stopped, or its next number
will show a gap."""
FORGOTTEN = timedelta(days=1)
"""A process that is silent for so long is treated as a new one if it comes back."""

Missed = Callable[[int, datetime], Iterable[Sequence[Event]]]
"""Reads the events that a process has stored since a moment, in order and in slices."""

WAIT_SECONDS = 1
"""How long a subscription waits for other processes to send the events of its action. They begin
within milliseconds; one that does not has lost Redis or has died, and is looked up."""


def is_among(actions: frozenset[str], action: str) -> bool:
    return action in actions or EVERY_ACTION in actions


def _elapsed() -> timedelta:
    """The time by a clock that is never set; durations are differences of these."""
    return timedelta(seconds=monotonic())


class Seen:
    """The keys of the latest events of a process, and when each arrived."""

    def __init__(self) -> None:
        self.moments: dict[str, datetime] = {}
        """The oldest first."""

    def add(self, key: str) -> bool:
        """Note that an event has arrived. False if it had arrived before."""
        if key in self.moments:
            return False
        self.moments[key] = now()
        return True

    def prune(self, before: datetime) -> None:
        """Forget the keys that arrived before a moment."""
        while self.moments:
            key, moment = next(iter(self.moments.items()))
            if moment >= before:
                return
            del self.moments[key]


@dataclass(slots=True)
class Peer:
    """Another process, as far as its messages show."""

    complete_until: datetime
    """All events that it stored until then have been dispatched."""
    heard_at: timedelta
    number: int = 0
    """The number of its last message."""
    wanted: frozenset[str] = frozenset()
    """The actions whose events it wants to get."""
    sent: frozenset[str] = frozenset({EVERY_ACTION})
    """The actions of which it sends all events, by its last message; before that, all actions."""
    seen: Seen = field(default_factory=Seen)

    @property
    def incomplete_since(self) -> datetime:
        """Since when events may be missing."""
        return self.complete_until - OVERLAP

    def complete(self, until: datetime) -> None:
        """Note that no event is missing, and drop keys too old to be read again."""
        self.complete_until = until
        self.seen.prune(self.incomplete_since - OVERLAP)


class Peers:
    """All other processes. An instance belongs to one event loop and is used only there."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.missed: Missed = import_string(settings.MISSED_EVENTS)
        self.loop = asyncio.get_running_loop()
        self.began_at = self.listened_at = _elapsed()
        self.found: dict[int, Peer] = {}
        self.on_news: Callable[[], object] = bool
        """Called when a new process has been heard of, or one wants other events than before."""
        self.heard = asyncio.Condition()
        """Notified of every message of another process."""

    def find(self, sender: int) -> Peer:
        """The process with this id. A new one counts as complete until this process started."""
        if sender not in self.found:
            started = now() - (_elapsed() - self.began_at)  # By the present, shared clock.
            self.found[sender] = Peer(started, _elapsed())
        return self.found[sender]

    def note_own(self) -> None:
        """Note that a message of our own has come back: so Redis is not why others are silent."""
        self.listened_at = _elapsed()

    async def follow(
        self,
        sender: int,
        number: int,
        sent_at: datetime,
        *,
        wanted: frozenset[str],
        sent: frozenset[str],
    ) -> bool:
        """Note a message, after dispatching the events that were lost before it, or that were not
        sent because the sender did not know that this process wants them.

        False if those cannot be read now. The message's own events will then be read with them.
        """
        peer = self.find(sender)
        if peer.wanted != wanted or not peer.number:
            peer.wanted = wanted
            self.on_news()
        begins = not self.is_told_all(peer.sent) and self.is_told_all(sent)
        if (number != peer.number + 1 or begins) and not await self.catch_up(sender):
            return False
        peer.number, peer.heard_at, peer.sent = number, _elapsed(), sent
        if self.is_told_all(sent):
            peer.complete(sent_at)
        async with self.heard:
            self.heard.notify_all()
        return True

    def is_told_all(self, sent: frozenset[str]) -> bool:
        """Whether these actions include all that anybody has subscribed to in this process."""
        return EVERY_ACTION in sent or self.hub.actions <= sent

    def wanted(self) -> frozenset[str]:
        """The actions whose events other processes want. All, until those had SILENT to say so."""
        if _elapsed() - self.began_at < SILENT:
            return frozenset({EVERY_ACTION})
        alive = [peer.wanted for peer in self.found.values() if self.silence(peer) < DEAD]
        return frozenset().union(*alive)

    async def wait_until_told(self, action: str) -> None:
        """Wait, WAIT_SECONDS at most, until all live processes send their events of an action."""
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_SECONDS), self.heard:
                await self.heard.wait_for(lambda: self._is_told(action))

    def _is_told(self, action: str) -> bool:
        return all(
            is_among(peer.sent, action)
            for sender, peer in self.found.items()
            if sender != COMMAND_LINE and self.silence(peer) < SILENT
        )

    def silence(self, peer: Peer) -> timedelta:
        """How long a process has been silent, while our own messages came back."""
        return self.listened_at - peer.heard_at

    async def watch(self) -> None:
        """Look up events that no message will bring, every LOOK_SECONDS."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look_up()

    async def keep_time(self) -> None:
        """Read the database's clock every CLOCK_SECONDS."""
        while True:
            try:
                await database.run(Runs.DATABASE, follow_database)
            except Error as error:
                note_failure(error, "the database's clock cannot be read")
            await asyncio.sleep(CLOCK_SECONDS)

    async def look_up(self) -> None:
        """Catch up with command lines, and with processes that are silent or do not send all events
        that are wanted here."""
        await self.catch_up(COMMAND_LINE)
        for sender, peer in list(self.found.items()):
            silence = self.silence(peer)
            if sender == COMMAND_LINE or (silence < SILENT and self.is_told_all(peer.sent)):
                continue
            if silence > FORGOTTEN:
                del self.found[sender]
            elif silence < DEAD:
                await self.catch_up(sender)

    async def catch_up(self, sender: int) -> bool:
        """Read and dispatch the events of a process that were missed. False if that failed."""
        peer, moment = self.find(sender), now()
        if self.hub.has_listeners or sessions:
            try:
                await database.run_catching_up(self.read, sender, peer.incomplete_since)
            except Error as error:
                note_failure(error, "missed events are not delivered yet")
                return False
        peer.complete(moment)
        return True

    def read(self, sender: int, since: datetime) -> None:
        """Read the events of a process and pass them to the event loop. Called in a thread."""
        for events in self.missed(sender, since):
            self.loop.call_soon_threadsafe(self.accept, sender, events)

    def accept(self, sender: int, events: Sequence[Event]) -> None:
        """Dispatch those events of a process that were not dispatched before."""
        seen = self.find(sender).seen
        for event in events:
            if seen.add(event.key):
                MISSED.values[()] += event.is_late and sender != COMMAND_LINE
                self.hub.dispatch(event)
