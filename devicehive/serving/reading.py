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
from devicehive.metrics import DROPS
from devicehive.serving.addresses import Address
from devicehive.serving.inbox import TURN_SECONDS, Inbox
from devicehive.serving.partial_messages import PartialProtocol
from devicehive.serving.text_frames import read_text

logger = logging.getLogger(__name__)

UNMASKED_PONG = 0x8A
"""The first byte of what it answers: a pong, without the mask that data must have."""
SLICE_BYTES = 4_096
"""How much autobahn gets at once: for each frame in it, it copies the rest of it twice."""
TURN_FRAMES = 32
"""Frames that a connection may send in one turn of the event loop: 1 to 2 ms with their answers."""
MOST_WASTED = 1_000
"""Frames that ask for nothing before a client is closed of which more than two in three are such.
Half are forgotten every sweep, so that 250 a second are borne for ever. Pings, pongs and short
fragments are such; and, when the next came before they were answered, unreadable messages and those
of a client that has not authenticated."""
SHORT_FRAGMENT = 64
"""Bytes under which a fragment costs more to take than it brings."""
POLICY_VIOLATION = 1008
NORMAL, PROTOCOL_ERROR, INVALID_PAYLOAD = 1000, 1002, 1007
CONTROL = 8
"""The first opcode of control frames."""
LEGAL_CLOSE_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})
"""Those that a close frame may carry (RFC 6455, 7.4, and the codes registered since)."""


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class ReadingProtocol(PartialProtocol):
    """One WebSocket connection, as far as it receives."""

    application_queue: Inbox
    address: Address
    visitor: Visitor
    is_known = False
    """Whether it has authenticated. Who has not waits for its turn with all it sends."""
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
        self.frames = self.wasted = 0

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
            if self.is_known and not self.waits:
                self.consumeData()
            else:
                self.wait()

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

    def wait(self) -> None:
        """For the next turn that the address has for this connection."""
        if self.is_known or len(self.unread) > SLICE_BYTES:
            self.transport.pauseProducing()  # Which costs a device that comes dear.
        if not self.waits:
            self.waits = True
            self.address.queue(self.take_turn)

    def take_turn(self) -> None:
        self.waits = False
        self.consumeData()
        self.resume_reading()

    def consumeData(self) -> None:
        """In autobahn's place, which takes all there is, however long that takes."""
        if self.state == self.STATE_CONNECTING:
            self.processHandshake()
            return
        last, end = self.frames + TURN_FRAMES, monotonic() + TURN_SECONDS
        self.has_more = True
        if not self.data:
            self.slice_off()
        while self.reads:
            if not (self.processData() or self.slice_off()):
                self.has_more = False
                break
            if self.frames >= last or monotonic() > end:
                self.wait()
        if self.ending is not None:
            self.data = self.unread = b""

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

    def onFrameEnd(self) -> bool | None:
        self.frames += 1
        frame = self.current_frame
        if frame.opcode >= CONTROL or (not frame.fin and frame.length < SHORT_FRAGMENT):
            self.waste()
        goes_on: bool | None = super().onFrameEnd()
        return goes_on

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        key = "bytes" if isBinary else "text"
        content = payload if isBinary else payload.decode()
        self.receive({"type": "websocket.receive", key: content})

    def receive(self, message: dict[str, Any]) -> None:
        """Put a message of the client's before the consumer, while messages are still taken."""
        if not (self.muted or self.draining or self.state != self.STATE_OPEN):
            self.application_queue.put_nowait(message)

    def waste_unless_last(self) -> None:
        """Count a message in vain, unless the client waits for its answer: the ASGI extension
        `devicehive.vain`."""
        if not self.application_queue.empty():
            self.waste()

    def waste(self) -> None:
        self.wasted += 1
        if self.wasted > MOST_WASTED and self.wasted * 3 > self.frames * 2:
            DROPS.values["wastes frames",] += 1
            self.end(POLICY_VIOLATION, "Too many frames that ask for nothing")

    def forget_waste(self) -> None:
        self.frames, self.wasted = self.frames // 2, self.wasted // 2

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
        if code is not None and code not in LEGAL_CLOSE_CODES:
            self.end(PROTOCOL_ERROR, f"invalid close code {code}")
        elif not is_utf8(reasonRaw or b""):
            self.end(INVALID_PAYLOAD, "invalid close reason")
        else:
            self.wasClean = True
            self.end(NORMAL, "")
        return None
