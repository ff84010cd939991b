"""What a WebSocket client sends: read in turns, so that nobody's flood holds up the others.

Each departure from daphne and autobahn stands on a behaviour that tests/faults hold it to: they
handle all that was read before anything else gets its turn, send a ping that small firmware does
not know, and drop who answers it late.
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
"""The first byte of what it answers: a pong, without the mask that data must have."""
SLICE_BYTES = 4_096
"""How much autobahn gets at once: for each frame in it, it copies the rest of it twice."""
TURN_FRAMES = 32
"""Frames that a connection may send in one turn of the event loop: 1 to 2 ms with their answers."""
NORMAL = 1000


class ReadingProtocol(WasteProtocol):
    """One WebSocket connection, as far as it receives."""

    address: Address
    visitor: Visitor
    is_known = False
    """Whether it has authenticated."""
    is_batched = False
    """Whether what it sent last is done in batches, as saves are."""
    was_known = False
    """Whether it had authenticated, and lost what that gave."""
    waits = False
    """Whether it is queued for its next turn; of a stranger, little more is read until then."""
    has_more = False
    """Whether it was not read to the end of what has been received."""
    resumed: asyncio.Future[None] | None = None
    """Set while more than MAX_UNSENT_BYTES wait to be sent; done when they are."""
    draining = False
    ending: tuple[int, str] | None = None
    """The code and reason to close with once what came before is answered; what comes is lost."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.heard = monotonic()
        """When the last byte came."""
        self.unread = b""
        """Received, and not yet given to autobahn."""

    def come_from(self, address: Address, visitor: Visitor) -> None:
        self.address, self.visitor = address, visitor
        address.strangers += 1

    def know(self, is_known: bool) -> None:
        """Whether the client has authenticated: the ASGI extension `devicehive.known`."""
        self.address.strangers += self.is_known - is_known
        self.was_known |= self.is_known
        self.is_known = is_known

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        if hasattr(self, "address"):  # Otherwise the handshake was none.
            self.know(True)

    def dataReceived(self, data: bytes) -> None:
        self.heard = monotonic()  # Any byte is life.
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
        """Whether frames are taken now. After our close frame they are: one is its answer."""
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
        """Whether it is read when its bytes come: who saves. Who has not authenticated, or asks for
        what is answered one by one, waits for its turn with all it sends."""
        return self.is_known and self.is_batched

    def note_batched(self, is_batched: bool) -> None:
        """The ASGI extension `devicehive.batched`."""
        self.is_batched = is_batched

    def take_turn_or_wait(self) -> None:
        """Who sends little while it waits need not be stopped."""
        if self.waits or len(self.unread) > SLICE_BYTES:
            self.transport.pauseProducing()  # Which costs a device that comes dear.
        if not self.waits:
            self.waits = True
            self.server.turns.take(self.address, self.take_turn)

    def wait(self) -> None:
        """For the next turn that the address has for this connection."""
        if not self.waits:
            self.waits = True
            self.transport.pauseProducing()
            self.server.turns.queue(self.address, self.take_turn)

    def take_turn(self) -> None:
        self.waits = False
        self.consumeData()
        self.resume_reading()

    def consumeData(self) -> None:
        """In autobahn's place, which takes all there is, however long that takes."""
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
        """Whether others are to be read now, after so long."""
        if self.goes_first:
            return seconds > TURN_SECONDS
        return seconds > SHARED_SECONDS or self.server.turns.is_over

    def slice_off(self) -> bool:
        """Give autobahn more of what was received, if there is more."""
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
        """Take the next frame without autobahn, if it is a whole message that may come now."""
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
        """Put a message of the client's before the consumer, while messages are still taken."""
        if not (self.muted or self.draining or self.state != self.STATE_OPEN):
            self.application_queue.put_nowait(message)
            if not self.goes_first:
                self.server.turns.charge(AFTERWARDS_SECONDS)

    def end(self, code: int, reason: str) -> None:
        """Close with `code` when the consumer has answered what came before (`part`)."""
        if self.ending is None:
            self.ending = (code, reason)
            if code != NORMAL:
                self.note_dropped(reason)
            self.application_queue.put_nowait({"type": "websocket.disconnect", "code": code})

    def note_dropped(self, why: str) -> None:
        """Log that it is we who end the connection."""
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
        """autobahn answers an illegal one, and then drops the connection with the answer."""
        if self.state != self.STATE_OPEN:
            return bool(super().onCloseFrame(code, reasonRaw))
        fault = fault_of(code, reasonRaw)
        self.wasClean = fault is None
        self.end(*(fault or (NORMAL, "")))
        return None
