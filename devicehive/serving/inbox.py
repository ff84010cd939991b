"""The queue of messages between a WebSocket and its consumer, with backpressure."""

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from devicehive.serving.reading import ReadingProtocol

MOST_QUEUED_MESSAGES = 64
"""With more messages waiting for the consumer, the socket of a connection is no longer read."""
TURN_SECONDS = 0.002
"""How long a connection may be read, and its consumer run, before others get their turn."""


class Inbox(asyncio.Queue[dict[str, Any]]):
    """The messages of one connection for its consumer.

    Above MOST_QUEUED_MESSAGES or MAX_MESSAGE_BYTES the socket is not read, so that TCP slows down a
    client that floods, and its messages need no memory.
    """

    def __init__(self, protocol: "ReadingProtocol") -> None:
        super().__init__()
        self.protocol = protocol
        self.waiting_bytes = 0
        self.paused = False
        self.since = 0.0
        """When the consumer last waited or yielded to the event loop."""

    async def get(self) -> dict[str, Any]:
        """Take the next message. After TURN_SECONDS this yields to the event loop, which a queue
        that is not empty would never do."""
        if not self.empty():
            if monotonic() - self.since > TURN_SECONDS:
                await asyncio.sleep(0)
                self.since = monotonic()
            return self.get_nowait()
        item = await super().get()
        self.since = monotonic()
        return item

    @property
    def is_awaited(self) -> bool:
        """Whether the consumer waits for a message."""
        return bool(self._getters)  # type: ignore[attr-defined]  # of asyncio.Queue

    def _put(self, item: dict[str, Any]) -> None:
        super()._put(item)  # The hook that asyncio's PriorityQueue overrides, too.
        length = len(item.get("text", ""))
        self.waiting_bytes += length
        self.protocol.intake.hold(length)
        if not self.paused and (
            self.qsize() > MOST_QUEUED_MESSAGES or self.waiting_bytes > settings.MAX_MESSAGE_BYTES
        ):
            self.paused = True
            self.protocol.transport.pauseProducing()

    def _get(self) -> dict[str, Any]:
        item: dict[str, Any] = super()._get()
        length = len(item.get("text", ""))
        self.waiting_bytes -= length
        self.protocol.intake.hold(-length)
        if not self.protocol.is_known:
            self.protocol.waste_unless_last()
        if self.paused and self.empty():
            self.paused = False
            self.protocol.resume_reading()
        return item
