"""Sends events from the process that committed them to the subscribers of all processes.

A process delivers an event to its own subscribers at once. The other processes get one message,
through a group of the channel layer, however many connections they have. Redis loses messages
while it is away. So a process numbers its messages and sends at least one per second (`outbox`); a
process that finds a number missing reads from the database what the sender has stored meanwhile
(`peers`). Command lines do not number their messages, so their events are looked up every second.
"""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from asgiref.sync import async_to_sync
from django.db import transaction

from devicehive.events import layer
from devicehive.events.event import COMMAND_LINE, PROCESS, Event
from devicehive.events.hub import Hub, hub, ignore
from devicehive.events.outbox import Outbox
from devicehive.events.peers import WAIT_SECONDS, Peers
from devicehive.events.receiver import Receiver

logger = logging.getLogger(__name__)

STOP_SECONDS = 1
"""How long a stopping process tries to send its last events; and again, how long it waits for its
tasks."""


def origin() -> int | None:
    """The origin to store with an event: the id of this process, or None in a command line."""
    return None if Fanout.running is None else PROCESS


def publish(events: Iterable[Event]) -> None:
    """Deliver `events` to all subscribers, once the current transaction is committed.

    The iterable is consumed after the commit, and only if somebody may be listening: a generator
    costs nothing otherwise. Whether anybody listens is checked after the commit, because a client
    that subscribed before it could not read these events from the database.
    """
    # robust: a committed request must be answered with success, whatever happens here.
    transaction.on_commit(lambda: publish_now(events), robust=True)


def publish_now(events: Iterable[Event]) -> None:
    """Deliver events that are committed already to all subscribers."""
    if Fanout.running is not None:
        Fanout.running.hand_over(events)
    else:
        _send_from_command_line(events)


def announce_now(events: Iterable[Event]) -> None:
    """Send committed events to all server processes, whether anybody has subscribed or not."""
    if Fanout.running is not None:
        Fanout.running.loop.call_soon_threadsafe(Fanout.running.announce, list(events))
    else:
        _send_from_command_line(events)


def _send_from_command_line(events: Iterable[Event]) -> None:
    if layer.is_shared():
        # If this fails, the servers find the events in the database within a second or two.
        with suppress(*layer.AWAY):
            async_to_sync(layer.send)(COMMAND_LINE, 0, list(events))


def wait_until_told(action: str) -> None:
    """Wait until all processes send this one their events of an action, so that whatever is
    committed from then on arrives. Called in a thread, after subscribing to the action."""
    if Fanout.running is not None:
        Fanout.running.wait_until_told(action)


class Fanout:
    """The delivery of events in a server process. It runs on the event loop, except `hand_over` and
    `wait_until_told`, which are called in threads."""

    running: "Fanout | None" = None

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.peers = Peers(hub)
        self.outbox = Outbox(hub, self.peers) if layer.is_shared() else None
        """None if no other process can be reached."""
        self.loop = asyncio.get_running_loop()
        self.sending: asyncio.Task[None] | None = None
        self.tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        Fanout.running = self
        parts = [self.peers.watch(), self.peers.keep_time()]
        if self.outbox is not None:
            self.sending = self.loop.create_task(self.outbox.send())
            self.peers.on_news = self.outbox.due.set
            self.hub.on_begin = partial(self.loop.call_soon_threadsafe, self.outbox.due.set)
            parts += [self.outbox.beat(), Receiver(self.peers).receive()]
        self.tasks = [self.loop.create_task(part) for part in parts]
        self.tasks += [self.sending] if self.sending else []
        for task in self.tasks:
            task.add_done_callback(_report)

    async def stop(self) -> None:
        """Send the last events, then end. No message follows by whose number other processes could
        notice that these are missing."""
        if self.outbox is not None and self.sending is not None:
            self.outbox.close()
            await asyncio.wait([self.sending], timeout=STOP_SECONDS)
        Fanout.running = None
        self.hub.on_begin = ignore
        for task in self.tasks:
            task.cancel()
        # With a timeout: redis-py takes a cancellation while it connects for a failed attempt, and
        # tries again.
        await asyncio.wait(self.tasks, timeout=STOP_SECONDS)

    def hand_over(self, events: Iterable[Event]) -> None:
        """Deliver committed events if anybody listens. Any thread may call this."""
        if self.hub.has_listeners or (self.outbox is not None and self.outbox.actions):
            self.loop.call_soon_threadsafe(self.spread, list(events))

    def spread(self, events: list[Event]) -> None:
        """Deliver events to the subscribers of this process, and send them to other processes that
        want them."""
        for event in events:
            self.hub.dispatch(event)
        if self.outbox is not None:
            self.outbox.add(events)

    def announce(self, events: list[Event]) -> None:
        """Deliver events in this process and send them to all others, whatever they want."""
        for event in events:
            self.hub.dispatch(event)
        if self.outbox is not None and events:
            self.outbox.add_all(events)

    def wait_until_told(self, action: str) -> None:
        """Wait until the other processes send their events of an action that was just subscribed to
        here, for WAIT_SECONDS at most. Called in a thread."""
        if self.sending is not None:
            told = self.peers.wait_until_told(action)
            with suppress(TimeoutError):  # The loop may stop before it runs the coroutine.
                asyncio.run_coroutine_threadsafe(told, self.loop).result(2 * WAIT_SECONDS)


def _report(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception():
        logger.critical("events are no longer delivered", exc_info=task.exception())


def start_telling() -> Fanout:
    """Start delivering events in the running event loop. The result has to be stopped by `stop`."""
    fanout = Fanout(hub)
    fanout.start()
    return fanout
