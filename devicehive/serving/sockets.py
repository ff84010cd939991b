"""What is sent to a WebSocket client: within a bound, and with all close codes.

Each departure from daphne and autobahn stands on a behaviour that tests/faults hold it to: they
buffer without bound what a client does not read, cannot close with 1003, 1009 or 1012, and refuse
to send what is longer than they accept.
"""

import asyncio
import struct
from typing import Any

from django.conf import settings

from devicehive.metrics import DROPS
from devicehive.protocol.sending import MOST_BACKLOG_BYTES, OVERFLOW, TOO_SLOW
from devicehive.serving.backlogs import Backlog
from devicehive.serving.life import PING, LivingProtocol
from devicehive.serving.writing import Patience, unsent, write_at_once

SERVICE_RESTART = 1012
REASONS = {1003: b"Binary messages not supported"}
"""What is told with a code; daphne does not pass on the reasons of consumers."""


def frame_header(length: int) -> bytes:
    """The header of an unmasked, unfragmented text frame (RFC 6455, 5.2)."""
    if length < 126:
        return bytes((0x81, length))
    if length < 65_536:
        return struct.pack("!BBH", 0x81, 126, length)
    return struct.pack("!BBQ", 0x81, 127, length)


class DeviceProtocol(LivingProtocol):
    """One WebSocket connection. Also the producer that its transport pauses and resumes."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.backlog = Backlog(self.drop_longest)
        self.patience: Patience | None = None
        """With a client that does not read."""
        # Until now the producer was the HTTP channel that took the upgrade request.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, streaming=True)

    def push(self, head: bytes, tail: bytes) -> None:
        """Send what nobody asked for, without waiting: the ASGI extension `devicehive.push`. The
        head is the same object for all who are told the same."""
        if self.backlog.bytes > MOST_BACKLOG_BYTES:
            # It reads, but more slowly than it is told. What it has not got is lost to it.
            self.note_dropped(TOO_SLOW)
            DROPS.values["slower than events",] += 1
            self.serverClose(OVERFLOW)
        else:
            self.send_frame(head, tail)

    def serverSend(self, content: str, binary: bool = False) -> None:
        """Send a text frame; no handler sends binary ones.

        Not by autobahn's sendMessage: it refuses what is longer than we are willing to receive,
        and costs as much as all the rest of an echo. A server's frame is a header and the text
        (RFC 6455, 5.2).
        """
        self.send_frame(content.encode(), b"")

    def send_frame(self, head: bytes, tail: bytes) -> None:
        """Send a text frame of both, now or when the client has read those before."""
        if self.state != self.STATE_OPEN:
            return
        self.visitor.sent += 1
        if self.resumed is None:
            self.write_frame(head, tail)
        else:
            self.backlog.append(head, tail)

    def write_frame(self, head: bytes, tail: bytes) -> None:
        self.write(b"".join((frame_header(len(head) + len(tail)), head, tail)))

    def write(self, data: bytes) -> None:
        write_at_once(self.transport, data)

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        """In autobahn's place, which formats what it would log. What is not a text frame goes this
        way, such as the answer to a handshake; nothing is ever sent in chops."""
        self.write(data)

    def serverClose(self, code: int | None = None) -> None:
        # Not sendClose: it allows 1000 and 3000 to 4999 only, which is the rule for applications.
        if self.state == self.STATE_OPEN:
            code = 1000 if code is None else code
            self.sendCloseFrame(code=code, reasonUtf8=REASONS.get(code))
        # Nothing may follow a close frame.
        while self.backlog:
            self.backlog.popleft()

    def ping(self) -> None:
        if self.resumed is None:
            self.write(PING)

    def pauseProducing(self) -> None:
        """The client does not read as fast as it asks.

        Twisted says so at 64 KB, because the same number is how much it reads at once.
        """
        left = unsent(self.transport)
        self.backlog.buffer(left)
        if self.resumed is None and left > settings.MAX_UNSENT_BYTES:
            self.resumed = asyncio.get_running_loop().create_future()
            self.patience = Patience(self.transport, self.note_unread)
            # Its pings too would be answered into the buffer.
            self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """The transport's buffer is empty: send what waited for it, and then take requests."""
        self.backlog.buffer(0)
        self.release()
        while self.backlog and self.resumed is None:
            self.write_frame(*self.backlog.popleft())
        self.resume_reading()

    def stopProducing(self) -> None:
        """The connection is lost: `connectionLost` follows, which is called even where autobahn has
        unregistered us."""

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        self.backlog.clear()
        del self.backlog.drop  # It and we would keep each other.
        self.release()
        # Which the transport would keep until the garbage collector finds the two of us.
        transport = self.transport
        transport.dataBuffer, transport.offset = b"", 0
        transport._tempDataBuffer, transport._tempDataLen = [], 0

    def drop_longest(self) -> None:
        """All clients leave too much unread, and this one most."""
        self.note_dropped("all leave too much unread, and it most")
        DROPS.values["reads nothing",] += 1
        self.transport.abortConnection()

    def release(self) -> None:
        if self.patience is not None:
            self.patience.end()
            self.patience = None
        if self.resumed is not None:
            self.resumed.set_result(None)
            self.resumed = None

    def note_unread(self, left: int) -> None:
        self.note_dropped(f"it left {left} bytes unread")
        DROPS.values["reads nothing",] += 1

    def drain(self) -> None:
        """Read no more, and tell the consumer that after what it has there is nothing."""
        self.draining = True
        self.transport.pauseProducing()
        if hasattr(self, "application_queue"):
            self.application_queue.put_nowait(
                {"type": "websocket.disconnect", "code": SERVICE_RESTART}
            )

    def say_goodbye(self) -> None:
        self.serverClose(SERVICE_RESTART)
        self.resume_reading()  # For the client's own close frame.

    def part(self) -> None:
        """Close as `end` said: the consumer is done."""
        if self.ending is None or self.state != self.STATE_OPEN:
            return
        code, reason = self.ending
        self.sendCloseFrame(code=code, reasonUtf8=reason.encode(), isReply=self.wasClean)
        if self.wasClean:
            self.dropConnection()
            # Nobody hears of it when all has been read: the producer is unregistered.
            self.patience = self.patience or Patience(self.transport, self.note_unread)
        else:
            # What it still sends is read and thrown away: closed with that unread, TCP would
            # take back the answers that are on their way.
            self.transport.loseWriteConnection()
            self.transport.resumeProducing()
