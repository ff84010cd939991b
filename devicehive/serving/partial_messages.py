"""Messages that come in parts: however many there are, together they are bounded."""

from typing import Any

from devicehive.metrics import DROPS
from devicehive.serving.handshakes import HandshakeProtocol
from devicehive.serving.intakes import Intake


class PartialProtocol(HandshakeProtocol):
    """One WebSocket connection, as far as it has sent half of something."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.intake = Intake(self.drop_hoarder)
        self.partial = 0
        """Bytes of a message whose end has not come."""

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        self.intake.close()
        del self.is_closed  # It has us for its result: a circle.
        # Which may be long, and transports keep us for a while.
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
        self.note_dropped("all send more than can be kept, and it most")
        DROPS.values["sends too much",] += 1
        self.transport.abortConnection()

    def note_dropped(self, why: str) -> None:
        raise NotImplementedError
