"""Bounds the memory for messages that arrive in parts, over all connections."""

from typing import Any

from devicehive.metrics import DROPS
from devicehive.serving.handshakes import HandshakeProtocol
from devicehive.serving.intakes import Intake


class PartialProtocol(HandshakeProtocol):
    """The part of a WebSocket connection that counts the bytes of incomplete messages."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.intake = Intake(self.drop_hoarder)
        self.partial = 0
        """Bytes of a message that is not complete yet."""

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        self.intake.close()
        del self.is_closed  # A future whose result is this object: a reference cycle.
        # These may be long, and the transport keeps this object for a while.
        self.frame_data: list[bytes] = []
        self.message_data: list[bytes] = []

    def onMessageFrameData(self, payload: bytes) -> None:
        super().onMessageFrameData(payload)
        self.partial += len(payload)
        self.intake.hold(len(payload))

    def onMessageEnd(self) -> None:
        self.intake.hold(-self.partial)
        self.partial = 0
        super().onMessageEnd()

    def drop_hoarder(self) -> None:
        self.note_dropped("all clients together send too much, and it sends most")
        DROPS.values["sends too much",] += 1
        self.transport.abortConnection()

    def note_dropped(self, why: str) -> None:
        raise NotImplementedError
