"""What a WebSocket client sends: read in turns, so that nobody's flood holds up the others.

Each departure from daphne and autobahn stands on a behaviour that tests/faults hold it to: they
handle all that was read before anything else gets its turn, send a ping that small firmware does
not know, and drop who answers it late.
"""

import asyncio
import logging
from time import monotonic
from typing import Any

from django.conf import settings

from devicehive.serving.handshakes import HandshakeProtocol

logger = logging.getLogger(__name__)

PING = b"\x89\x00"
"""An empty ping. DeviceHive's ESP8266 firmware knows no other (R-31)."""
UNMASKED_PONG = 0x8A
"""The first byte of what it answers: a pong, without the mask that data must have."""
MOST_QUEUED_MESSAGES = 64
"""Messages of one connection that wait for the consumer before its socket is left unread."""


def silence_allowed() -> int:
    """Seconds after which a client of which nothing has come is taken for dead.

    Never less than three pings, one of which may be lost and one be answered late.
    """
    return int(max(settings.SILENT_SECONDS, 3 * settings.PING_SECONDS))


class Inbox(asyncio.Queue[dict[str, Any]]):
    """What a client sent and its consumer has not taken yet.

    Above MOST_QUEUED_MESSAGES or one MAX_MESSAGE_BYTES the socket is not read, so that a client
    that floods is slowed down by TCP and costs no memory.
    """

    def __init__(self, protocol: "ReadingProtocol") -> None:
        super().__init__()
        self.protocol = protocol
        self.waiting_bytes = 0
        self.paused = False

    def _put(self, item: dict[str, Any]) -> None:
        super()._put(item)  # the hook that asyncio's PriorityQueue uses
        self.waiting_bytes += len(item.get("text", ""))
        if not self.paused and (
            self.qsize() > MOST_QUEUED_MESSAGES or self.waiting_bytes > settings.MAX_MESSAGE_BYTES
        ):
            self.paused = True
            self.protocol.transport.pauseProducing()

    def _get(self) -> dict[str, Any]:
        item: dict[str, Any] = super()._get()
        self.waiting_bytes -= len(item.get("text", ""))
        if self.paused and self.empty():
            self.paused = False
            self.protocol.resume_reading()
        return item


class ReadingProtocol(HandshakeProtocol):
    """One WebSocket connection, as far as it receives."""

    draining = False
    application_queue: Inbox

    def connectionMade(self) -> None:
        super().connectionMade()
        self.opened = self.heard = self.pinged = monotonic()

    def dataReceived(self, data: bytes) -> None:
        # Any byte is life. Without autobahn's own, which formats a log line a frame that nobody
        # reads.
        self.heard = monotonic()
        self._dataReceived(data)

    def processData(self) -> bool:
        if self.current_frame is None and self.data:
            self.requireMaskedClientFrames = self.data[0] != UNMASKED_PONG
        return bool(super().processData())

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self.muted or self.draining:
            return
        key = "bytes" if isBinary else "text"
        content = payload if isBinary else payload.decode()
        self.application_queue.put_nowait({"type": "websocket.receive", key: content})

    @property
    def reads(self) -> bool:
        """Whether what the client sends reaches us, which is not so while it is slowed down."""
        return not (self.draining or self.application_queue.paused)

    def resume_reading(self) -> None:
        if self.reads:
            self.transport.resumeProducing()

    def check_timeouts(self) -> None:
        """Ping, and drop who was silent for long: the server calls this every few seconds.

        A ping needs no answer. Daphne's starts a timer each, and the connection ends unless that
        very ping is answered in time.
        """
        now = monotonic()
        if self.state == self.STATE_CONNECTING:
            if now - self.opened > self.server.websocket_connect_timeout:
                self.serverReject()
        elif self.state == self.STATE_OPEN:
            if not self.reads:
                self.heard = now
            if now - self.heard > silence_allowed():
                logger.info("%s said nothing for %d s: dropped", self.peer, now - self.heard)
                self.transport.abortConnection()
            elif now - self.pinged >= settings.PING_SECONDS:
                self.pinged = now
                self.ping()

    def ping(self) -> None:
        raise NotImplementedError
