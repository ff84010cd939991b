"""Events on their way: from the process that committed them to the subscribers of all.

A process tells its own subscribers at once, and the other processes by one message to a group of
the channel layer, whatever the number of their connections. Redis loses messages while it is
away. So a process numbers its messages and sends one every second at least, and who finds one
missing reads from the database what that process has stored meanwhile (`devicehive.events.peers`).
Command lines send no numbers: what they have stored is looked for every second.
"""

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings
from django.db import transaction
from redis.exceptions import RedisError

from devicehive.events.peers import COMMAND_LINE, Peers
from devicehive.events.subscriptions import PROCESS, Event, Hub, hub
from devicehive.protocol.shapes import now

logger = logging.getLogger(__name__)

AWAY = (RedisError, OSError)
"""What is raised while Redis is."""
BEAT_SECONDS = 1
SILENT_SECONDS = 5
"""Without any message for so long, not even our own, the way from Redis is taken for broken."""
STOP_SECONDS = 1
"""How long a stopping process tries to send its last events, and then waits for Redis."""


def origin() -> int:
    """What to store with an event, so that its process need not hear of it again."""
    return COMMAND_LINE if Fanout.running is None else PROCESS


def publish(events: Iterable[Event]) -> None:
    """Tell all subscribers of `events`, once the current transaction is committed.

    They are not looked at before, nor when nobody can be listening: a generator costs nothing
    then. Whether anyone listens is asked after the commit: who subscribes before it has not read
    these events from the database.
    """
    # robust: what is committed must be answered with success, whatever happens here.
    transaction.on_commit(lambda: _publish(events), robust=True)


def _publish(events: Iterable[Event]) -> None:
    if Fanout.running is not None:
        Fanout.running.publish(events)
    elif has_others():
        # If that fails, they find the events in the database within a second or two.
        with suppress(*AWAY):
            async_to_sync(_send)(COMMAND_LINE, 0, list(events))


def has_others() -> bool:
    """Whether there is a channel layer that other processes share."""
    return not isinstance(get_channel_layer(), InMemoryChannelLayer)


def group() -> str:
    """The group of this installation: Redis carries messages to all who use it, whatever the
    number of their database there."""
    installation = f"{settings.DATABASES['default']['NAME']} {urlsplit(settings.REDIS_URL).path}"
    return f"events.{hashlib.sha256(installation.encode()).hexdigest()[:16]}"


async def _send(sender: int, number: int, events: list[Event]) -> None:
    """Raises one of AWAY."""
    message = {
        "type": "events",
        "sender": sender,
        "number": number,
        "sent_at": now().timestamp(),
        "events": msgspec.json.encode(events),
    }
    await get_channel_layer().group_send(group(), message)


_decode_events = msgspec.json.Decoder(list[Event]).decode


class Fanout:
    """The part of a process that serves. All but `publish` happens on its event loop."""

    running: "Fanout | None" = None

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.shared = has_others()
        self.peers = Peers(hub)
        self.loop = asyncio.get_running_loop()
        self.outbox: list[Event] = []
        self.waiting = asyncio.Event()
        """Set when the outbox is to be sent, even an empty one."""
        self.sent = 0
        self.is_away = False
        self.stopping = False
        self.tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        Fanout.running = self
        parts = [self.look()]
        if self.shared:
            parts += [self.beat(), self.receive(), self.send()]
        self.tasks = [self.loop.create_task(part) for part in parts]
        for task in self.tasks:
            task.add_done_callback(_report)

    async def stop(self) -> None:
        """Send the last events, which nobody would find missing: no number follows."""
        self.stopping = True
        if self.shared:
            self.waiting.set()
            *_, sending = self.tasks
            await asyncio.wait([sending], timeout=STOP_SECONDS)
        Fanout.running = None
        for task in self.tasks:
            task.cancel()
        # Not for ever: redis-py, about to connect, takes a cancellation for a failed attempt.
        await asyncio.wait(self.tasks, timeout=STOP_SECONDS)

    def publish(self, events: Iterable[Event]) -> None:
        """Called in any thread, by whoever committed these events."""
        if self.hub or self.shared:
            self.loop.call_soon_threadsafe(self.deliver_own, list(events))

    def deliver_own(self, events: list[Event]) -> None:
        for event in events:
            self.hub.deliver(event)
        if self.shared and events:
            self.outbox += events
            self.waiting.set()

    async def send(self) -> None:
        """Send what waits, all in one message, as fast as Redis takes it."""
        while self.outbox or not self.stopping:
            await self.waiting.wait()
            self.waiting.clear()
            events, self.outbox = self.outbox, []
            self.sent += 1
            try:
                await _send(PROCESS, self.sent, events)
            except AWAY as error:
                # Nothing is lost: a number is missing now.
                self.note(error)
            else:
                self.note(None)

    def note(self, error: Exception | None) -> None:
        """Say that Redis has gone or come back, once each."""
        if error and not self.is_away:
            logger.warning("other processes hear nothing for now: %s", error)
        elif self.is_away and not error:
            logger.warning("other processes hear of everything again")
        self.is_away = error is not None

    async def beat(self) -> None:
        """Make a gap show within a second, even when nothing happens."""
        while True:
            self.waiting.set()
            await asyncio.sleep(BEAT_SECONDS)

    async def look(self) -> None:
        """Look for what nobody will tell."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            await self.peers.look()

    async def receive(self) -> None:
        layer = get_channel_layer()
        while True:
            channel = await self.joined(layer)
            with suppress(TimeoutError):
                while True:
                    async with asyncio.timeout(SILENT_SECONDS):
                        message = await layer.receive(channel)
                    await self.take(message)
            # The layer has reconnected by itself, unless the connection broke without a sign.
            await layer.flush()

    async def joined(self, layer: Any) -> str:
        """Join the group; what comes before this is found as a gap."""
        while True:
            try:
                channel: str = await layer.new_channel()
                await layer.group_add(group(), channel)
            except AWAY:
                # Or the layer would fill the queue of a channel that nobody reads.
                await layer.flush()
                await asyncio.sleep(BEAT_SECONDS)
            else:
                return channel

    async def take(self, message: dict[str, Any]) -> None:
        """Handle one message of a process, after what was lost before it."""
        sender, sent_at = message["sender"], datetime.fromtimestamp(message["sent_at"], UTC)
        if sender == PROCESS:
            self.peers.listening()
        elif sender == COMMAND_LINE or await self.peers.follows(sender, message["number"], sent_at):
            self.peers.deliver(sender, _decode_events(message["events"]))


def _report(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception():
        logger.critical("events are not told any more", exc_info=task.exception())


def start() -> Fanout:
    """Take part, from the running event loop, until `stop`."""
    fanout = Fanout(hub)
    fanout.start()
    return fanout
