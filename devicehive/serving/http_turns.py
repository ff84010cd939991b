"""Parses HTTP requests in turns, like frames, so that a flood of them does not delay saves."""

from typing import Any

from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel

from devicehive.serving.addresses import address_at
from devicehive.serving.turns import AFTERWARDS_SECONDS

ENOUGH_BYTES = 16_384
"""How many unparsed bytes a connection may have before it is read no further; bodies do not
count."""


class TurningChannel(HTTPChannel):
    """The receiving side of an HTTP connection."""

    transport: Any

    waits = False
    """Whether it is queued for its turn to be parsed."""
    is_held = False
    """Whether it is not read, because enough is unparsed."""
    unparsed = b""
    goes_first = False
    """Whether the next request is parsed as soon as it comes, because the last one was a save, or
    another request for a batch, with a valid token."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.address = address_at(getattr(self.transport.getPeer(), "host", ""))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.unparsed = b""
        super().connectionLost(reason)

    def note_batched(self) -> None:
        """The ASGI extension `devicehive.batched`."""
        self.goes_first = True

    def dataReceived(self, data: bytes) -> None:
        self.unparsed += data
        if self.waits:
            self.hold()  # Otherwise a client that sends single bytes would cost a call for each.
        else:
            self.go_on()
            self.look_at_hand()

    def setLineMode(self, extra: bytes = b"") -> None:
        """Begin the next request, with the bytes that came while the last one was answered."""
        self.line_mode = 1
        self.unparsed = extra + self.unparsed
        if self.unparsed:
            self.go_on()

    def go_on(self) -> None:
        """Parse now, or in the next turn of this connection."""
        if self.waits:
            return
        if self.goes_first:
            self.goes_first = False
            self.parse_unparsed()
        else:
            self.waits = True
            self.factory.server.turns.take(self.address, self.take_turn)

    def take_turn(self) -> None:
        self.waits = False
        if self.unparsed:
            self.factory.server.turns.charge(AFTERWARDS_SECONDS)
            self.parse_unparsed()
            self.look_at_hand()

    def parse_unparsed(self) -> None:
        data, self.unparsed = self.unparsed, b""
        self.parse(data)

    def parse(self, data: bytes) -> None:
        super().dataReceived(data)

    def requestDone(self, request: Any) -> None:
        super().requestDone(request)
        if self.persistent:
            self.look_at_hand()

    def resumeProducing(self) -> None:
        super().resumeProducing()
        self.look_at_hand()

    def look_at_hand(self) -> None:
        """Stop reading while ENOUGH_BYTES are unparsed. Twisted would read on after each answer:
        64 KB for every forty bytes of a request that it has parsed."""
        if self.transport.protocol is not self:
            return  # The connection is a WebSocket now, which controls its own reading.
        if len(self.unparsed) + sum(map(len, self._dataBuffer)) > ENOUGH_BYTES:
            self.hold()
        elif self.is_held and not self.waits:
            self.is_held = False
            if not self._waitingForTransport:
                self.transport.resumeProducing()

    def hold(self) -> None:
        self.is_held = True
        self.transport.pauseProducing()
