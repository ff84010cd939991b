"""The receiving side of a WebSocket connection, in turns, so that no flood delays other clients.

It departs from daphne and autobahn only where tests in tests/faults require it: these handle all
data that was read before anything else can run, send a ping that small firmware does not
understand, and drop a client that answers it late.
"""

import asyncio
import logging
from time import monotonic
from typing import Any

from devicehive.log.lines import beside
from devicehive.log.visitors import Visitor
from devicehive.serving.addresses import Address
from devicehive.serving.close_frames import fault_of
from devicehive.serving.inbox import TURN_SECONDS
from devicehive.serving.text_frames import read_text
from devicehive.serving.turns import AFTERWARDS_SECONDS, SHARED_SECONDS
from devicehive.serving.waste import WasteProtocol

logger = logging.getLogger(__name__)

UNMASKED_PONG = 0x8A
"""The first byte of a pong without a mask, as small clients send it, though the mask is
required."""
SLICE_BYTES = 4_096
"""How many bytes autobahn gets at once: for each frame in them, it copies the rest twice."""
TURN_FRAMES = 32
"""How many frames of a connection are handled in one turn: 1 to 2 ms with their answers."""
NORMAL = 1000


class ReadingProtocol(WasteProtocol):
    """The receiving side of a WebSocket connection."""

    address: Address
    visitor: Visitor
    is_known = False
    """Whether the client is authenticated."""
    is_batched = False
    """Whether its last request was for a batch, such as a save."""
    was_known = False
    """Whether it was authenticated before and has lost that."""
    waits = False
    """Whether it is queued for its next turn. Until then, only little more is read."""
    has_more = False
    """Whether received data has not been handled yet."""
    resumed: asyncio.Future[None] | None = None
    """Set while more than MAX_UNSENT_BYTES wait to be sent; done when they are sent."""
    draining = False
    ending: tuple[int, str] | None = None
    """The code and reason with which to close once all earlier requests are answered. Later data is
    discarded."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.heard = monotonic()
        """When the last byte came."""
        self.unread = b""
        """Received data that autobahn has not been given yet."""

    def come_from(self, address: Address, visitor: Visitor) -> None:
        self.address, self.visitor = address, visitor
        address.strangers += 1

    def know(self, is_known: bool) -> None:
        """Note whether the client is authenticated: the ASGI extension `devicehive.known`."""
        self.address.strangers += self.is_known - is_known
        self.was_known |= self.is_known
        self.is_known = is_known

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        if hasattr(self, "address"):  # Otherwise the handshake was not completed.
            self.know(True)

    def dataReceived(self, data: bytes) -> None:
        self.heard = monotonic()  # Any byte is a sign of life.
        if self.state == self.STATE_CONNECTING:
            self._dataReceived(data)
        elif self.ending is None:
            self.unread += data
            if self.goes_first and not self.waits:
                self.consumeData()
            else:
                self.take_turn_or_wait()

    @property
    def reads(self) -> bool:
        """Whether frames are handled now. They are after our close frame, because one of them is
        the client's close frame."""
        if self.waits or self.ending is not None or self.resumed is not None:
            return False
        if self.state == self.STATE_OPEN:
            return not (self.draining or self.application_queue.paused)
        return bool(self.state == self.STATE_CLOSING)

    def resume_reading(self) -> None:
        if self.reads:
            if self.has_more:
                self.wait()
            else:
                self.transport.resumeProducing()

    @property
    def goes_first(self) -> bool:
        """Whether its data is handled as soon as it comes: it is authenticated and saves. Others
        wait for their turn: clients that are not authenticated, and those whose requests are
        handled one by one."""
        return self.is_known and self.is_batched

    def note_batched(self, is_batched: bool) -> None:
        """The ASGI extension `devicehive.batched`."""
        self.is_batched = is_batched

    def take_turn_or_wait(self) -> None:
        """Handle received data now, if there is time left, or in the next turn. Stop reading if
        there is much data, or if the connection is queued already."""
        if self.waits or len(self.unread) > SLICE_BYTES:
            # Not always, because this is expensive when a device has just connected.
            self.transport.pauseProducing()
        if not self.waits:
            self.waits = True
            self.server.turns.take(self.address, self.take_turn)

    def wait(self) -> None:
        """Queue this connection for its next turn and stop reading until then."""
        if not self.waits:
            self.waits = True
            self.transport.pauseProducing()
            self.server.turns.queue(self.address, self.take_turn)

    def take_turn(self) -> None:
        self.waits = False
        self.consumeData()
        self.resume_reading()

    def consumeData(self) -> None:
        """Handle received data until the turn is over. autobahn's method would handle all data,
        however long that takes."""
        if self.state == self.STATE_CONNECTING:
            self.processHandshake()
            return
        last, began = self.frames + TURN_FRAMES, monotonic()
        self.has_more = True
        if not self.data:
            self.slice_off()
        while self.reads:
            if not (self.processData() or self.slice_off()):
                self.has_more = False
                break
            if self.frames >= last or self.has_used_turn(monotonic() - began):
                self.wait()
        if self.ending is not None:
            self.data = self.unread = b""

    def has_used_turn(self, seconds: float) -> bool:
        """Whether the turn of this connection is over after so many seconds."""
        if self.goes_first:
            return seconds > TURN_SECONDS
        return seconds > SHARED_SECONDS or self.server.turns.is_over

    def slice_off(self) -> bool:
        """Give autobahn the next slice of the received data. False if there is none."""
        if not self.unread:
            return False
        frame = self.current_frame
        size = max(SLICE_BYTES, frame.length if frame else 0)
        self.data, self.unread = self.data + self.unread[:size], self.unread[size:]
        return True

    def processData(self) -> bool:
        if self.current_frame is None:
            if not self.data:
                return False
            if self.take_text():
                return True
            self.requireMaskedClientFrames = self.data[0] != UNMASKED_PONG
        return bool(super().processData())

    def take_text(self) -> bool:
        """Handle the next frame without autobahn, if it is a complete text message. False if it is
        not."""
        if self.inside_message or self.state != self.STATE_OPEN:
            return False
        found = read_text(self.data)
        if found is None or found[1] > self.maxMessagePayloadSize:
            return False
        text, end = found
        self.data = self.data[end:]
        self.frames += 1
        self.receive({"type": "websocket.receive", "text": text})
        return True

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        key = "bytes" if isBinary else "text"
        content = payload if isBinary else payload.decode()
        self.receive({"type": "websocket.receive", key: content})

    def receive(self, message: dict[str, Any]) -> None:
        """Queue a message for the consumer, unless the connection is closing or draining."""
        if not (self.muted or self.draining or self.state != self.STATE_OPEN):
            self.application_queue.put_nowait(message)
            if not self.goes_first:
                self.server.turns.charge(AFTERWARDS_SECONDS)

    def end(self, code: int, reason: str) -> None:
        """Have the connection closed with `code` once the consumer has answered all earlier
        requests (`part`)."""
        if self.ending is None:
            self.ending = (code, reason)
            if code != NORMAL:
                self.note_dropped(reason)
            self.application_queue.put_nowait({"type": "websocket.disconnect", "code": code})

    def note_dropped(self, why: str) -> None:
        """Log why the server closes the connection."""
        logger.info("dropped", extra=beside(self.visitor, why=why))

    def part(self) -> None:
        raise NotImplementedError

    def _fail_connection(self, code: int, reason: str) -> None:
        if self.state == self.STATE_OPEN:
            self.failedByMe = True
            self.end(code, reason)
        else:
            super()._fail_connection(code, reason)

    def onCloseFrame(self, code: int | None, reasonRaw: bytes | None) -> bool | None:
        """Close after all requests are answered. After an illegal close frame, autobahn would drop
        the connection together with its own answer."""
        if self.state != self.STATE_OPEN:
            return bool(super().onCloseFrame(code, reasonRaw))
        fault = fault_of(code, reasonRaw)
        self.wasClean = fault is None
        self.end(*(fault or (NORMAL, "")))
        return None
