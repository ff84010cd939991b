"""Receives the messages of the other processes."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from devicehive.events import layer
from devicehive.events.event import COMMAND_LINE, EVERY_ACTION, PROCESS
from devicehive.events.peers import Peers

UNHEARD_SECONDS = 5
"""After how long without any message, even of our own, the connection from Redis counts as broken:
five beats, so that a short time of load does not count."""
RETRY_SECONDS = 1
"""How long to wait before the next try to reach Redis."""


class Receiver:
    """Receives the messages of the group, for as long as the process runs."""

    def __init__(self, peers: Peers) -> None:
        self.peers = peers

    async def receive(self) -> None:
        while True:
            channel = await self.join()
            with suppress(TimeoutError):
                while True:
                    async with asyncio.timeout(UNHEARD_SECONDS):
                        message = await layer.receive(channel)
                    await self.take(message)
            # The layer reconnects by itself, but not if the connection broke unnoticed.
            await layer.leave()

    async def join(self) -> str:
        """Join the group, however long Redis is away. Messages that are missed meanwhile show as a
        gap in the numbers."""
        while True:
            try:
                return await layer.join()
            except layer.AWAY:
                # Otherwise the layer would fill the queue of a channel that nobody reads.
                await layer.leave()
                await asyncio.sleep(RETRY_SECONDS)

    async def take(self, message: dict[str, Any]) -> None:
        """Dispatch the events of a message, after those of earlier messages that were lost."""
        sender, sent_at = message["sender"], datetime.fromtimestamp(message["sent_at"], UTC)
        if sender == PROCESS:
            self.peers.note_own()
        elif sender == COMMAND_LINE or await self.peers.follow(
            sender,
            message["number"],
            sent_at,
            # A server of an older release has no such members; it wants and sends all events.
            wanted=frozenset(message.get("wanted", (EVERY_ACTION,))),
            sent=frozenset(message.get("sent", (EVERY_ACTION,))),
        ):
            self.peers.accept(sender, layer.decode_events(message["events"]))
