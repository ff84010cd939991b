"""HTTP connections: their timeouts, refusals, and backpressure if answers are not read.

They depart from Twisted only where tests in tests/faults require it: Twisted waits as long as a
byte comes now and then, and buffers the answers to all requests of a pipeline in memory.
"""

from time import monotonic
from typing import Any

from django.conf import settings
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]  # has no types

from devicehive.log.outcomes import note_drop, note_refusal
from devicehive.log.visitors import Visitor, peer_of
from devicehive.metrics import DROPS
from devicehive.protocol.http_messages import Answer
from devicehive.protocol.refusals import HttpRefusal
from devicehive.serving.http_turns import TurningChannel
from devicehive.serving.intakes import Intake
from devicehive.serving.requests import DeviceRequest
from devicehive.serving.writing import Patience, unsent

HEAD_SECONDS = 10
"""The timeout for the request line and the headers, from the connection or the first byte on: they
fit into a packet or two, and TCP sends lost ones again within three seconds."""
BODY_SECONDS = 60
"""The timeout for a body, from the end of the headers on: 1 MiB at 17 kB/s, as on a bad mobile
connection."""
IDLE_SECONDS = 60
"""The timeout between two requests; proxies keep connections for the next request."""
TLS_HANDSHAKE = b"\x16\x03"
"""The first bytes of a client that speaks TLS. A request begins with a letter."""
SPEAKS_TLS = "it speaks TLS, and this port does not: its URL is ws://, or that of a proxy"
LINGER_SECONDS = 2
"""How long a client may take to read a refusal, while the rest of its request is discarded."""


def write_refusal(refusal: HttpRefusal) -> bytes:
    """The bytes of an answer that refuses a request and closes the connection."""
    answer = Answer.refuse(refusal(), (b"connection", b"close"))
    phrase, _, _ = refusal.text.removeprefix("HTTP").partition(":")
    lines = [f"HTTP/1.1{phrase}".encode()]
    lines += [b"%s: %s" % header for header in answer.all_headers]
    return b"\r\n".join([*lines, b"", answer.body])


def log_nothing(request: Any) -> None:
    """Replaces Twisted's access log, which would format a line for each request for nobody."""


@implementer(IHalfCloseableProtocol)
class DeviceChannel(TurningChannel):
    """An HTTP connection, until it becomes a WebSocket."""

    transport: Any

    refused = False
    idle = False
    has_ended = False
    """Whether the client has closed its sending side: it still reads, or has left, which looks the
    same."""
    deadline: float | None = None
    """When the present timeout ends, by `monotonic`; None for no timeout."""
    timer: Any = None
    """Checks the deadline. It is not restarted for each step of each request."""
    patience: Patience | None = None
    """Set while the client does not read its answers."""
    unread: DeviceRequest | None = None
    """A request that was answered; no other is taken until the client has read the answer."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.intake = Intake(self.drop_hoarder)
        self.requestFactory: Any = DeviceRequest
        self.host = super().getHost()
        self.setTimeout(HEAD_SECONDS)

    def getHost(self) -> Any:
        """Called for each request, so it is cached: Twisted's method does a system call."""
        return self.host

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.setTimeout(None)
        self.end_patience()
        self.intake.close()
        super().connectionLost(reason)

    def readConnectionLost(self) -> None:
        """The client has closed its sending side: answer what has come, and then close."""
        self.has_ended = True
        if self.refused or not (self._handlingRequest or self.waits):
            self.loseConnection()
        elif self.requests and (end := self.requests[0].when_ended) is not None:
            end()

    def writeConnectionLost(self) -> None:
        """Do nothing: `refuse` has closed the sending side, and its timeout ends the connection."""

    def drop_hoarder(self) -> None:
        """Close the connection: all clients together have sent too much, and this one most."""
        self.transport.abortConnection()

    def setTimeout(self, period: int | None) -> int | None:
        """Replaces Twisted's method, which cancels a timer and makes another each time."""
        previous: int | None = self.timeOut
        self.timeOut = period
        self.deadline = None if period is None else monotonic() + period
        if period is not None and self.timer is None:
            self.look_later()
        return previous

    def look_later(self) -> None:
        """Start the timer for the deadline, but for HEAD_SECONDS at most: the next deadline may be
        earlier than this one."""
        left = HEAD_SECONDS if self.deadline is None else self.deadline - monotonic()
        self.timer = self.callLater(min(max(left, 0), HEAD_SECONDS), self.look)

    def look(self) -> None:
        self.timer = None
        if self.deadline is None:
            return  # The request is being handled; the next step starts the timer.
        if self.deadline <= monotonic():
            self.timeOut = self.deadline = None
            self.timeoutConnection()
        else:
            self.look_later()

    def resetTimeout(self) -> None:
        """Do nothing: Twisted would restart the timeout with each byte."""

    @property
    def is_of_http_1_0(self) -> bool:
        """Whether the present request is HTTP/1.0, which needs no Host header."""
        return bool(self._version == b"HTTP/1.0")

    @property
    def visitor(self) -> Visitor:
        """The client for the log, by the peer of the connection."""
        address = self.transport.getPeer()
        # The peer of a Unix socket has no port.
        client = (address.host, address.port) if hasattr(address, "port") else None
        return Visitor(peer=peer_of(client))

    def dataReceived(self, data: bytes) -> None:
        if self.refused:
            return
        if data.startswith(TLS_HANDSHAKE) and not (self.requests or self.unparsed):
            # Otherwise the client would wait in silence until HEAD_SECONDS have passed.
            note_drop(self.visitor, SPEAKS_TLS)
            self.transport.abortConnection()
            return
        super().dataReceived(data)

    def parse(self, data: bytes) -> None:
        if self.refused:
            return
        if self.idle:
            self.idle = False
            self.setTimeout(HEAD_SECONDS)
        super().parse(data)
        if self.has_ended and not self._handlingRequest:
            self.loseConnection()  # The request is incomplete, and the rest cannot come.

    def allHeadersReceived(self) -> None:
        self.setTimeout(BODY_SECONDS)
        super().allHeadersReceived()

    def pauseProducing(self) -> None:
        """Called by the transport with 64 KB in its buffer: the client reads too slowly."""
        super().pauseProducing()
        if self.patience is None and unsent(self.transport) > settings.MAX_UNSENT_BYTES:
            self.patience = Patience(self.transport, self.note_unread)

    def note_unread(self, left: int) -> None:
        note_drop(self.visitor, f"it left {left} bytes unread")
        DROPS.values["reads nothing",] += 1

    def resumeProducing(self) -> None:
        """Called when the client has read all: go on with the next request."""
        self.end_patience()
        super().resumeProducing()
        if self.unread is not None:
            request, self.unread = self.unread, None
            self.requestDone(request)

    def end_patience(self) -> None:
        if self.patience is not None:
            self.patience.end()
            self.patience = None

    def requestDone(self, request: Any) -> None:
        self.intake.hold(-self.intake.bytes)
        if self._waitingForTransport and self.persistent:
            # Twisted would handle the next request of a pipeline, and buffer that answer, too.
            self.unread = request
            self.idle = True
            self.setTimeout(IDLE_SECONDS)
            return
        super().requestDone(request)
        if self.has_ended and not (self._handlingRequest or self.waits):
            self.loseConnection()
        elif not self.requests:
            self.idle = True
            self.setTimeout(IDLE_SECONDS)

    def refuse(self, refusal: HttpRefusal) -> None:
        """Answer before the request is complete, and end the connection."""
        if self.refused:
            return  # Twisted goes on with data that it has read, and may find another fault.
        # `paused` makes Twisted parse no more lines.
        self.refused = self.paused = True
        note_refusal(refusal(), self.visitor)
        self.transport.write(write_refusal(refusal))
        # Closing with unread data would make TCP send a reset, by which the answer may be lost.
        self.transport.loseWriteConnection()
        self.setTimeout(LINGER_SECONDS)

    def _respondToBadRequestAndDisconnect(self) -> None:
        too_long = (
            self._receivedHeaderSize > self.totalHeadersSize
            or self._receivedHeaderCount > self.maxHeaders
        )
        self.refuse(HttpRefusal.HEAD_TOO_LONG if too_long else HttpRefusal.BAD_REQUEST)

    def lineLengthExceeded(self, line: bytes) -> None:
        self.refuse(HttpRefusal.HEAD_TOO_LONG)

    def timeoutConnection(self) -> None:
        if self.refused or unsent(self.transport):
            self.transport.abortConnection()
        elif self.idle:
            self.transport.loseConnection()
        elif not self.requests:
            note_drop(self.visitor, f"no request came in {HEAD_SECONDS} s")
            self.transport.loseConnection()
        else:
            self.refuse(HttpRefusal.REQUEST_TIMEOUT)
