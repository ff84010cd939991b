"""Closes clients that send mostly useless frames, each of which costs as much as a useful one."""

from devicehive.metrics import DROPS
from devicehive.serving.inbox import Inbox
from devicehive.serving.partial_messages import PartialProtocol

MOST_WASTED = 1_000
"""A client with more useless frames than this is closed, if more than two thirds of its frames are
useless. Half of the count is forgotten every sweep, so that 250 per second are tolerated for ever.
Useless are pings, pongs and short fragments; also messages that are unreadable or come from a
client that is not authenticated, if the next one comes before they are answered."""
SHORT_FRAGMENT = 64
"""A fragment with fewer bytes costs more than it brings."""
CONTROL = 8
"""The first opcode of control frames."""
POLICY_VIOLATION = 1008


class WasteProtocol(PartialProtocol):
    """The part of a WebSocket connection that counts useless frames."""

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
        """Count a useless message, unless the client waits for its answer: the ASGI extension
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
