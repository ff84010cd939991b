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
"""How often is looked for what nobody will tell."""
OVERLAP = timedelta(seconds=10)
"""How much further back than what has come is looked for what is missing: longer than a
transaction takes, and than the clocks of two servers differ, which both follow the database's."""
CLOCK_SECONDS = 10
"""How often the database's clock is looked at: what is missed is found as long as this host's is
not set meanwhile."""
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


WAIT_SECONDS = 1
"""How long a subscription waits for other processes that are to tell of its action. They answer in
milliseconds; who does not has lost Redis, or has died, and is looked up."""


def is_among(actions: frozenset[str], action: str) -> bool:
    return action in actions or EVERY_ACTION in actions


def _elapsed() -> timedelta:
    """By the clock that nobody sets: durations are differences of this one."""
    return timedelta(seconds=monotonic())


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
    heard_at: timedelta
    number: int = 0
    """The number of its last message."""
    wanted: frozenset[str] = frozenset()
    """The actions whose events it wants to be told."""
    sent: frozenset[str] = frozenset({EVERY_ACTION})
    """Those whose events it has told in its last message; before its first it kept nothing back."""
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
        self.began_at = self.listened_at = _elapsed()
        self.found: dict[int, Peer] = {}
        self.on_news: Callable[[], object] = bool
        """Called when another process has come, or wants something else."""
        self.heard = asyncio.Condition()
        """Notified of every message of another process."""

    def find(self, sender: int) -> Peer:
        if sender not in self.found:
            started = now() - (_elapsed() - self.began_at)  # By the clock that counts now.
            self.found[sender] = Peer(started, _elapsed())
        return self.found[sender]

    def note_own(self) -> None:
        """Note that a message of our own has come back: silence is not the fault of Redis."""
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
        """Take note of a message, after dispatching what was lost before it, or was not sent
        because nobody here was known to want it.

        False if that is not possible now: then its events will be read with the rest.
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
        """Whether who sends events of these actions sends all that anybody here listens to."""
        return EVERY_ACTION in sent or self.hub.actions <= sent

    def wanted(self) -> frozenset[str]:
        """The actions whose events other processes want. All, until those that there are have
        had the time to say so."""
        if _elapsed() - self.began_at < SILENT:
            return frozenset({EVERY_ACTION})
        alive = [peer.wanted for peer in self.found.values() if self.silence(peer) < DEAD]
        return frozenset().union(*alive)

    async def wait_until_told(self, action: str) -> None:
        """Wait until no process that is there keeps events of an action to itself, at most for
        WAIT_SECONDS."""
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
        """How long nothing has come from it, while our own messages came back."""
        return self.listened_at - peer.heard_at

    async def watch(self) -> None:
        """Look up, every LOOK_SECONDS, what nobody will tell of."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look_up()

    async def keep_time(self) -> None:
        """Look, every CLOCK_SECONDS, what the time is."""
        while True:
            try:
                await database.run(Runs.DATABASE, follow_database)
            except Error as error:
                note_failure(error, "the database's clock is not looked at")
            await asyncio.sleep(CLOCK_SECONDS)

    async def look_up(self) -> None:
        """Dispatch what command lines and silent processes have stored, and those who do not tell
        all that is wanted here."""
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
        """Dispatch, once, what a process has stored and not told us. False if that failed."""
        peer, moment = self.find(sender), now()
        if self.hub.has_listeners or sessions:
            try:
                await database.run_catching_up(self.read, sender, peer.incomplete_since)
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
