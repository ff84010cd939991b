"""HTTP connections: heads, bodies and idle ones bounded in time, and answers that are not read.

Each departure from Twisted stands on a behaviour that tests/faults hold it to: it waits as long as
a byte comes now and then, and answers one request of a pipeline after the other into its memory.
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
"""For the request line and the headers, from the first byte or the connection on: they fit into a
packet or two, and TCP tries again within three seconds."""
BODY_SECONDS = 60
"""For a body from the headers on: 1 MiB at 17 kB/s, which a bad mobile connection has."""
IDLE_SECONDS = 60
"""Between two requests, as proxies keep connections for the next."""
TLS_HANDSHAKE = b"\x16\x03"
"""How a client begins that speaks TLS: with no letter, so never like a request."""
SPEAKS_TLS = "it speaks TLS, and this port does not: its URL is ws://, or that of a proxy"
LINGER_SECONDS = 2
"""For a client to read why it was refused, while the rest it sends is thrown away."""


def write_refusal(refusal: HttpRefusal) -> bytes:
    """The whole answer that ends a connection."""
    answer = Answer.refuse(refusal(), (b"connection", b"close"))
    phrase, _, _ = refusal.text.removeprefix("HTTP").partition(":")
    lines = [f"HTTP/1.1{phrase}".encode()]
    lines += [b"%s: %s" % header for header in answer.all_headers]
    return b"\r\n".join([*lines, b"", answer.body])


def log_nothing(request: Any) -> None:
    """In the place of Twisted's access log, which is written nowhere, a line for each request."""


@implementer(IHalfCloseableProtocol)
class DeviceChannel(TurningChannel):
    """A connection, until it becomes a WebSocket's."""

    transport: Any

    refused = False
    idle = False
    has_ended = False
    """Whether the client sends no more: it reads on, or has left, which looks the same."""
    deadline: float | None = None
    """When what is waited for is late."""
    timer: Any = None
    """Looks whether it is. It is not set anew for each step of each request."""
    patience: Patience | None = None
    """With a client that does not read its answers."""
    unread: DeviceRequest | None = None
    """The request after whose answer no other is taken until the client has read it."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.intake = Intake(self.drop_hoarder)
        self.requestFactory: Any = DeviceRequest
        self.host = super().getHost()
        self.setTimeout(HEAD_SECONDS)

    def getHost(self) -> Any:
        """Asked for each request: Twisted's asks the system each time."""
        return self.host

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.setTimeout(None)
        self.end_patience()
        self.intake.close()
        super().connectionLost(reason)

    def readConnectionLost(self) -> None:
        """Answer what has come, and then close."""
        self.has_ended = True
        if self.refused or not (self._handlingRequest or self.waits):
            self.loseConnection()
        elif self.requests and (end := self.requests[0].when_ended) is not None:
            end()

    def writeConnectionLost(self) -> None:
        """We have ended it, after a refusal: `setTimeout` says for how long it is read."""

    def drop_hoarder(self) -> None:
        """All clients send more than can be kept, and this one most."""
        self.transport.abortConnection()

    def setTimeout(self, period: int | None) -> int | None:
        """In the place of Twisted's, which cancels and makes a timer each time."""
        previous: int | None = self.timeOut
        self.timeOut = period
        self.deadline = None if period is None else monotonic() + period
        if period is not None and self.timer is None:
            self.look_later()
        return previous

    def look_later(self) -> None:
        """Look when time is up, or sooner: the next request may have less than it has now."""
        left = HEAD_SECONDS if self.deadline is None else self.deadline - monotonic()
        self.timer = self.callLater(min(max(left, 0), HEAD_SECONDS), self.look)

    def look(self) -> None:
        self.timer = None
        if self.deadline is None:
            return  # An answer is waited for; the next step sets a timer.
        if self.deadline <= monotonic():
            self.timeOut = self.deadline = None
            self.timeoutConnection()
        else:
            self.look_later()

    def resetTimeout(self) -> None:
        """A byte now and then buys no time."""

    @property
    def is_of_http_1_0(self) -> bool:
        """Whether the request whose head has come is: it needs no host."""
        return bool(self._version == b"HTTP/1.0")

    @property
    def visitor(self) -> Visitor:
        """For the log, while no request says more."""
        address = self.transport.getPeer()
        # Those of a Unix socket have none.
        client = (address.host, address.port) if hasattr(address, "port") else None
        return Visitor(peer=peer_of(client))

    def dataReceived(self, data: bytes) -> None:
        if self.refused:
            return
        if data.startswith(TLS_HANDSHAKE) and not (self.requests or self.unparsed):
            # It would wait, without a word, until it is dropped for its silence.
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
            self.loseConnection()  # What has come was no whole request.

    def allHeadersReceived(self) -> None:
        self.setTimeout(BODY_SECONDS)
        super().allHeadersReceived()

    def pauseProducing(self) -> None:
        """The client does not read as fast as it is answered: the transport holds 64 KB."""
        super().pauseProducing()
        if self.patience is None and unsent(self.transport) > settings.MAX_UNSENT_BYTES:
            self.patience = Patience(self.transport, self.note_unread)

    def note_unread(self, left: int) -> None:
        note_drop(self.visitor, f"it left {left} bytes unread")
        DROPS.values["reads nothing",] += 1

    def resumeProducing(self) -> None:
        """Take the next request: the client has read all."""
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
            # Twisted would take the next of a pipeline, and keep that answer in memory too.
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
            return  # What Twisted read on finds another fault.
        # Twisted reads no more lines then.
        self.refused = self.paused = True
        note_refusal(refusal(), self.visitor)
        self.transport.write(write_refusal(refusal))
        # Closed with something unread, TCP would take back the answer.
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
