"""The sending side of a WebSocket connection, with backpressure and all close codes.

It departs from daphne and autobahn only where tests in tests/faults require it: these buffer data
without bound if a client does not read, cannot close with 1003, 1009 or 1012, and refuse to send
messages that are longer than those that they accept.
"""

import asyncio
import struct
import sys
from typing import Any

from django.conf import settings

from devicehive.metrics import DROPS
from devicehive.protocol.sending import MOST_BACKLOG_BYTES, OVERFLOW, TOO_SLOW
from devicehive.serving.backlogs import Backlog
from devicehive.serving.life import PING, LivingProtocol
from devicehive.serving.writing import Patience, undelivered, unsent, write_at_once

SERVICE_RESTART = 1012
REASONS = {1003: b"Binary messages not supported"}
"""The reasons sent with close codes; daphne does not pass on the reasons of consumers."""


def frame_header(length: int) -> bytes:
    """The header of an unmasked, unfragmented text frame (RFC 6455, 5.2)."""
    if length < 126:
        return bytes((0x81, length))
    if length < 65_536:
        return struct.pack("!BBH", 0x81, 126, length)
    return struct.pack("!BBQ", 0x81, 127, length)


class DeviceProtocol(LivingProtocol):
    """A WebSocket connection. It is also the producer that its transport pauses and resumes."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.backlog = Backlog(self.drop_longest)
        self.patience: Patience | None = None
        """Set while the client does not read."""
        self.last_undelivered = sys.maxsize
        """What had not reached the client when we last looked for its answer to our close frame."""
        # Until now the producer was the HTTP channel that took the upgrade request.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, streaming=True)

    def push(self, head: bytes, tail: bytes) -> None:
        """Send an event without waiting: the ASGI extension `devicehive.push`. The head is the same
        object for all subscriptions to the event."""
        if self.backlog.bytes > MOST_BACKLOG_BYTES:
            # The client reads, but too slowly. It loses the events in its backlog.
            self.note_dropped(TOO_SLOW)
            DROPS.values["slower than events",] += 1
            self.serverClose(OVERFLOW)
        else:
            self.send_frame(head, tail)

    def serverSend(self, content: str, binary: bool = False) -> None:
        """Send a text frame; no handler sends binary ones.

        autobahn's sendMessage is not used: it refuses messages that are longer than those that we
        accept, and costs as much as all the rest of an echo. A server's frame is only a header and
        the text (RFC 6455, 5.2).
        """
        self.send_frame(content.encode(), b"")

    def send_frame(self, head: bytes, tail: bytes) -> None:
        """Send a text frame of head and tail, now or once the client has read earlier ones."""
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
        """Send any other data, such as the answer to a handshake. autobahn's method would format
        the data for its log; nothing here uses `sync` or `chopsize`."""
        self.write(data)

    def serverClose(self, code: int | None = None) -> None:
        # Not sendClose, which allows only 1000 and 3000 to 4999, the codes for applications.
        if self.state == self.STATE_OPEN:
            code = 1000 if code is None else code
            self.sendCloseFrame(code=code, reasonUtf8=REASONS.get(code))

    def sendCloseFrame(
        self, code: int | None = None, reasonUtf8: bytes | None = None, isReply: bool = False
    ) -> None:
        """Send a close frame, and discard the backlog: nothing may follow (RFC 6455, 5.5.1)."""
        super().sendCloseFrame(code, reasonUtf8, isReply)
        self.backlog.discard_frames()

    def onCloseHandshakeTimeout(self) -> None:
        """The client has not answered our close frame in time.

        A slow client may not have read as far as that frame yet. autobahn's abort would lose the
        answers that are still on their way, so wait as long as the client takes something.
        """
        left = 0 if self.state == self.STATE_CLOSED else undelivered(self.transport)
        if 0 < left < self.last_undelivered:
            self.last_undelivered = left
            self.closeHandshakeTimeoutCall = asyncio.get_running_loop().call_later(
                settings.UNSENT_SECONDS, self.onCloseHandshakeTimeout
            )
        else:
            super().onCloseHandshakeTimeout()

    def ping(self) -> None:
        if self.resumed is None:
            self.write(PING)

    def pauseProducing(self) -> None:
        """Called by the transport when the client does not read fast enough.

        Twisted calls this at 64 KB already, because the same number is how much it reads at once.
        """
        left = unsent(self.transport)
        self.backlog.buffer(left)
        if self.resumed is None and left > settings.MAX_UNSENT_BYTES:
            self.resumed = asyncio.get_running_loop().create_future()
            self.patience = Patience(self.transport, self.note_unread)
            # Stop reading, too: the answers to pings would also fill the buffer.
            self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Called when the transport's buffer is empty: send the backlog, then read requests
        again."""
        self.backlog.buffer(0)
        self.release()
        while self.backlog and self.resumed is None:
            self.write_frame(*self.backlog.popleft())
        self.resume_reading()

    def stopProducing(self) -> None:
        """Do nothing: the connection is lost, and `connectionLost` follows, which is called even if
        autobahn has unregistered this producer."""

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        self.backlog.clear()
        del self.backlog.drop  # It would form a reference cycle with this object.
        self.release()
        # Free the transport's buffers, which are otherwise kept until the garbage collector finds
        # the reference cycle of transport and protocol.
        transport = self.transport
        transport.dataBuffer, transport.offset = b"", 0
        transport._tempDataBuffer, transport._tempDataLen = [], 0

    def drop_longest(self) -> None:
        """Close the connection: all clients together leave too much unread, and this one most."""
        self.note_dropped("all clients together leave too much unread, and it leaves most")
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
        """Read no more, and send the consumer the end after the messages that it has."""
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
        """Send the close frame with the code and reason of `end`: the consumer is done."""
        if self.ending is None or self.state != self.STATE_OPEN:
            return
        code, reason = self.ending
        self.sendCloseFrame(code=code, reasonUtf8=reason.encode(), isReply=self.wasClean)
        if self.wasClean:
            self.dropConnection()
            # The producer is unregistered now, so only Patience can notice a client that does not
            # read the rest.
            self.patience = self.patience or Patience(self.transport, self.note_unread)
        else:
            # Read and discard what the client still sends. Closing with unread data would make TCP
            # send a reset, by which answers on their way are lost.
            self.transport.loseWriteConnection()
            self.transport.resumeProducing()
