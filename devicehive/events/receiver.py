"""What the other processes tell this one."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from devicehive.events import layer
from devicehive.events.event import COMMAND_LINE, EVERY_ACTION, PROCESS
from devicehive.events.peers import Peers

UNHEARD_SECONDS = 5
"""How long nothing may come, not even our own beats, before the way from Redis is taken for
broken: five beats, so that a busy moment is not."""
RETRY_SECONDS = 1
"""How long to wait before Redis is asked again that was away."""


class Receiver:
    """Takes the messages of the group, for as long as the process runs."""

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
            # The layer has reconnected by itself, unless the connection broke without a sign.
            await layer.leave()

    async def join(self) -> str:
        """Join the group, however long Redis is away; what comes before is found as a gap."""
        while True:
            try:
                return await layer.join()
            except layer.AWAY:
                # Or the layer would fill the queue of a channel that nobody reads.
                await layer.leave()
                await asyncio.sleep(RETRY_SECONDS)

    async def take(self, message: dict[str, Any]) -> None:
        """Handle one message of a process, after what was lost before it."""
        sender, sent_at = message["sender"], datetime.fromtimestamp(message["sent_at"], UTC)
        if sender == PROCESS:
            self.peers.note_own()
        elif sender == COMMAND_LINE or await self.peers.follow(
            sender,
            message["number"],
            sent_at,
            # A server of an older release says nothing of this, and wants and sends everything.
            wanted=frozenset(message.get("wanted", (EVERY_ACTION,))),
            sent=frozenset(message.get("sent", (EVERY_ACTION,))),
        ):
            self.peers.accept(sender, layer.decode_events(message["events"]))
