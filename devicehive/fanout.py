"""Events on their way: from the process that committed them to the subscribers of all.

A process tells its own subscribers at once, and the other processes by one message to a group of
the channel layer, whatever the number of their connections. Redis loses messages when it is
away; so a process numbers its messages, sends one every second at least, and whoever finds a
number missing asks the database for what it missed.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec
from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from redis.exceptions import RedisError

from devicehive import database
from devicehive.actions import Runs
from devicehive.shapes import now
from devicehive.subscriptions import PROCESS, Event, Hub, hub

logger = logging.getLogger(__name__)

GROUP = "events"
COMMAND_LINE = 0
"""The origin of events that no server process stored."""
BEAT_SECONDS = 1
OVERLAP = timedelta(seconds=10)
"""How much further back than the last sign of life is looked for what was missed: longer than a
transaction takes, and than the clocks of two servers differ."""

Missed = Callable[[datetime, int], Iterable[Sequence[Event]]]
"""The events stored since a moment, but not by this origin, in order and in slices."""


def origin() -> int:
    """What to store with an event, so that its process need not hear of it again."""
    return COMMAND_LINE if Fanout.running is None else PROCESS


def is_heard() -> bool:
    """Whether anyone may be listening, here or in another process."""
    return bool(hub) or has_others()


def publish(events: Sequence[Event]) -> None:
    """Tell all subscribers of `events`, once the current transaction is committed."""
    if events:
        transaction.on_commit(lambda: _publish(events))


def _publish(events: Sequence[Event]) -> None:
    if Fanout.running is not None:
        Fanout.running.publish(events)
    elif has_others():
        async_to_sync(_send)(COMMAND_LINE, 0, events)


def has_others() -> bool:
    """Whether there is a channel layer that other processes share."""
    return not isinstance(get_channel_layer(), InMemoryChannelLayer)


async def _send(sender: int, number: int, events: Sequence[Event]) -> None:
    message = {
        "type": "events",
        "sender": sender,
        "number": number,
        "events": msgspec.json.encode(events),
    }
    try:
        await get_channel_layer().group_send(GROUP, message)
    except (RedisError, OSError) as error:
        # Nothing is lost: a number is missing now.
        logger.warning("events do not reach the other processes for now: %s", error)


_decode_events = msgspec.json.Decoder(list[Event]).decode


class Fanout:
    """The part of a process that serves. All but `publish` happens on its event loop."""

    running: "Fanout | None" = None

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.shared = has_others()
        self.missed: Missed = import_string(settings.MISSED_EVENTS)
        self.loop = asyncio.get_running_loop()
        self.outbox: asyncio.Queue[Sequence[Event]] = asyncio.Queue()
        self.sent = 0
        self.received: dict[int, tuple[int, datetime]] = {}
        """Of each process, this one too: the number of its last message, and when it came."""
        self.started_at = now()
        self.known: dict[str, datetime] = {}
        """The events of others that were delivered lately, by key, and when."""
        self.tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        Fanout.running = self
        parts = [self.send(), self.beat(), self.receive()] if self.shared else [self.look()]
        self.tasks = [self.loop.create_task(part) for part in parts]

    async def stop(self) -> None:
        Fanout.running = None
        for task in self.tasks:
            task.cancel()
        for task in self.tasks:
            with suppress(asyncio.CancelledError):
                await task

    def publish(self, events: Sequence[Event]) -> None:
        """Called in any thread, by whoever committed these events."""
        if self.hub or self.shared:
            self.loop.call_soon_threadsafe(self.deliver_own, events)

    def deliver_own(self, events: Sequence[Event]) -> None:
        for event in events:
            self.hub.deliver(event)
        if self.shared:
            self.outbox.put_nowait(events)

    def deliver_others(self, events: Sequence[Event]) -> None:
        moment = now()
        for event in events:
            if event.key not in self.known:
                self.known[event.key] = moment
                self.hub.deliver(event)

    async def send(self) -> None:
        """Send what waits, all in one message, as fast as Redis takes it."""
        while True:
            events = [*await self.outbox.get()]
            while not self.outbox.empty():
                events.extend(self.outbox.get_nowait())
            self.sent += 1
            await _send(PROCESS, self.sent, events)

    async def beat(self) -> None:
        """Make a gap show within a second, even when nothing happens."""
        while True:
            self.outbox.put_nowait(())
            await asyncio.sleep(BEAT_SECONDS)

    async def look(self) -> None:
        """Without a channel layer: look for what commands have stored."""
        since = self.started_at
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            moment = now()
            await self.catch_up(since)
            self.forget(moment)
            since = moment

    async def receive(self) -> None:
        layer = get_channel_layer()
        channel = await self.joined(layer)
        while True:
            await self.take(await layer.receive(channel))

    async def joined(self, layer: Any) -> str:
        """Join the group; what comes before this is found as a gap."""
        while True:
            try:
                channel: str = await layer.new_channel()
                await layer.group_add(GROUP, channel)
            except (RedisError, OSError) as error:
                logger.warning("waiting for Redis: %s", error)
                await asyncio.sleep(BEAT_SECONDS)
            else:
                return channel

    async def take(self, message: dict[str, Any]) -> None:
        """Handle one message of a process, after what was lost before it."""
        sender, number = message["sender"], message["number"]
        if sender != COMMAND_LINE:
            last, came_at = self.received.get(sender, (0, self.started_at))
            if number != last + 1:
                await self.catch_up(came_at)
            self.received[sender] = (number, now())
        if sender == PROCESS:
            self.forget(now())
        else:
            self.deliver_others(_decode_events(message["events"]))

    async def catch_up(self, since: datetime) -> None:
        """Deliver, once, what others have stored since then."""
        if self.hub:
            await database.run(Runs.DATABASE, self.read, since - OVERLAP)

    def read(self, since: datetime) -> None:
        for events in self.missed(since, PROCESS):
            self.loop.call_soon_threadsafe(self.deliver_others, events)

    def forget(self, moment: datetime) -> None:
        """Drop the keys that no catching up can bring again: a message of our own has come
        back, so none that was sent long before it is still on its way."""
        while self.known:
            key, delivered_at = next(iter(self.known.items()))
            if moment - delivered_at < 2 * OVERLAP:
                return
            del self.known[key]


def start() -> Fanout:
    """Take part, from the running event loop, until `stop`."""
    fanout = Fanout(hub)
    fanout.start()
    return fanout
