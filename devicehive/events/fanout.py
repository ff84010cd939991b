"""Events on their way: from the process that committed them to the subscribers of all.

A process tells its own subscribers at once, and the other processes by one message to a group of
the channel layer, whatever the number of their connections. Redis loses messages while it is
away. So a process numbers its messages and sends one every second at least (`outbox`), and who
finds one missing reads from the database what that process has stored meanwhile (`peers`).
Command lines send no numbers: what they have stored is looked for every second.
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
"""How long a stopping process tries to send its last events, and then waits for its tasks."""


def origin() -> int | None:
    """What to store with an event as its origin: this process, or None for a command line."""
    return None if Fanout.running is None else PROCESS


def publish(events: Iterable[Event]) -> None:
    """Tell all subscribers of `events`, once the current transaction is committed.

    They are not looked at before, nor when nobody can be listening: a generator costs nothing
    then. Whether anyone listens is asked after the commit: who subscribes before it has not read
    these events from the database.
    """
    # robust: what is committed must be answered with success, whatever happens here.
    transaction.on_commit(lambda: publish_now(events), robust=True)


def publish_now(events: Iterable[Event]) -> None:
    """Tell all subscribers of what is committed already."""
    if Fanout.running is not None:
        Fanout.running.hand_over(events)
    else:
        _send_from_command_line(events)


def announce_now(events: Iterable[Event]) -> None:
    """Tell the servers themselves of committed events, whether anybody else listens or not."""
    if Fanout.running is not None:
        Fanout.running.loop.call_soon_threadsafe(Fanout.running.announce, list(events))
    else:
        _send_from_command_line(events)


def _send_from_command_line(events: Iterable[Event]) -> None:
    if layer.is_shared():
        # If that fails, they find the events in the database within a second or two.
        with suppress(*layer.AWAY):
            async_to_sync(layer.send)(COMMAND_LINE, 0, list(events))


def wait_until_told(action: str) -> None:
    """Wait until whatever is committed anywhere from now on is told here. Called in a thread of a
    process that serves, after it has begun to listen."""
    if Fanout.running is not None:
        Fanout.running.wait_until_told(action)


class Fanout:
    """The part of a process that serves. All but `hand_over` happens on its event loop."""

    running: "Fanout | None" = None

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.peers = Peers(hub)
        self.outbox = Outbox(hub, self.peers) if layer.is_shared() else None
        """None for a process without others."""
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
        """Send the last events, which nobody would find missing: no number follows."""
        if self.outbox is not None and self.sending is not None:
            self.outbox.close()
            await asyncio.wait([self.sending], timeout=STOP_SECONDS)
        Fanout.running = None
        self.hub.on_begin = ignore
        for task in self.tasks:
            task.cancel()
        # Not for ever: redis-py, about to connect, takes a cancellation for a failed attempt.
        await asyncio.wait(self.tasks, timeout=STOP_SECONDS)

    def hand_over(self, events: Iterable[Event]) -> None:
        """Called in any thread, by whoever committed these events."""
        if self.hub.has_listeners or (self.outbox is not None and self.outbox.actions):
            self.loop.call_soon_threadsafe(self.spread, list(events))

    def spread(self, events: list[Event]) -> None:
        """Tell own subscribers, and then the others if they have any."""
        for event in events:
            self.hub.dispatch(event)
        if self.outbox is not None:
            self.outbox.add(events)

    def announce(self, events: list[Event]) -> None:
        """Hand over events that the servers themselves are to hear, whoever else listens."""
        for event in events:
            self.hub.dispatch(event)
        if self.outbox is not None and events:
            self.outbox.add_all(events)

    def wait_until_told(self, action: str) -> None:
        """Wait until the other processes tell of an action that was just subscribed to here: not
        longer than they take to be asked again. Called in a thread."""
        if self.sending is not None:
            told = self.peers.wait_until_told(action)
            with suppress(TimeoutError):  # The loop may stop before it comes to that.
                asyncio.run_coroutine_threadsafe(told, self.loop).result(2 * WAIT_SECONDS)


def _report(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception():
        logger.critical("events are not told any more", exc_info=task.exception())


def start_telling() -> Fanout:
    """Take part, from the running event loop, until `stop`."""
    fanout = Fanout(hub)
    fanout.start()
    return fanout
