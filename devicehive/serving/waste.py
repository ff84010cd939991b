"""Frames that ask for nothing: counted, since each costs as much as one that asks for something."""

from devicehive.metrics import DROPS
from devicehive.serving.inbox import Inbox
from devicehive.serving.partial_messages import PartialProtocol

MOST_WASTED = 1_000
"""Frames that ask for nothing before a client is closed of which more than two in three are such.
Half are forgotten every sweep, so that 250 a second are borne for ever. Pings, pongs and short
fragments are such; and, when the next came before they were answered, unreadable messages and those
of a client that has not authenticated."""
SHORT_FRAGMENT = 64
"""Bytes under which a fragment costs more to take than it brings."""
CONTROL = 8
"""The first opcode of control frames."""
POLICY_VIOLATION = 1008


class WasteProtocol(PartialProtocol):
    """One WebSocket connection, as far as it may waste what is given to it."""

    application_queue: Inbox

    def connectionMade(self) -> None:
        super().connectionMade()
        self.frames = self.wasted = 0

    def onFrameEnd(self) -> bool | None:
        self.frames += 1
        frame = self.current_frame
        if frame.opcode >= CONTROL or (not frame.fin and frame.length < SHORT_FRAGMENT):
            self.waste()
        goes_on: bool | None = super().onFrameEnd()
        return goes_on

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
        raise NotImplementedError
