"""Requests are parsed in turns, as frames are: a flood of them holds up nobody who saves."""

from typing import Any

from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel

from devicehive.serving.addresses import address_at
from devicehive.serving.turns import AFTERWARDS_SECONDS

ENOUGH_BYTES = 16_384
"""To be parsed yet, of a connection; a body is taken out of it."""


class TurningChannel(HTTPChannel):
    """A connection, as far as it receives."""

    transport: Any

    waits = False
    """Whether it is queued for its turn to be parsed."""
    is_held = False
    """Whether it is not read, since it has sent enough."""
    unparsed = b""
    goes_first = False
    """Whether the next request is parsed when it comes: the last was a save, say, with a token that
    is valid."""

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
            self.hold()  # Otherwise each byte of who drips would be a call.
        else:
            self.go_on()
            self.look_at_hand()

    def setLineMode(self, extra: bytes = b"") -> None:
        """Begin the next request, with what came of it while the last was answered."""
        self.line_mode = 1
        self.unparsed = extra + self.unparsed
        if self.unparsed:
            self.go_on()

    def go_on(self) -> None:
        """Parse now, or when it is its turn."""
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
        """Read no more while there is enough to parse. After each answer Twisted reads on, 64 KB
        for the forty bytes of a request that it has taken."""
        if self.transport.protocol is not self:
            return  # It is a WebSocket's now, which reads by its own rules.
        if len(self.unparsed) + sum(map(len, self._dataBuffer)) > ENOUGH_BYTES:
            self.hold()
        elif self.is_held and not self.waits:
            self.is_held = False
            if not self._waitingForTransport:
                self.transport.resumeProducing()

    def hold(self) -> None:
        self.is_held = True
        self.transport.pauseProducing()
