"""Pings WebSockets, and closes those that are silent or do not authenticate in time.

One schedule serves all of them; none has a timer of its own.
"""

from time import monotonic

from django.conf import settings

from devicehive.metrics import DROPS
from devicehive.serving.reading import ReadingProtocol

PING = b"\x89\x00"
"""The frame of an empty ping. DeviceHive's ESP8266 firmware understands no other (R-31)."""
NOT_AUTHENTICATED = 4408
"""The close code of a client that has not authenticated in time, after HTTP's 408."""
POWER_LOST = 4401
"""The close code of a client whose principal was withdrawn (R-45), after HTTP's 401."""


def silence_allowed() -> int:
    """The seconds after which a silent client is taken for dead.

    Not less than three pings, of which one may be lost and one be answered late.
    """
    return int(max(settings.SILENT_SECONDS, 3 * settings.PING_SECONDS))


class LivingProtocol(ReadingProtocol):
    """The part of a WebSocket connection that checks its timeouts."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.opened = self.pinged = self.checked = monotonic()
        self.hesitated = 0.0
        """Seconds that the client had to authenticate, without those in which it had to wait."""

    def check_timeouts(self) -> None:
        """Send a ping if one is due, and close if a timeout has passed. The server calls this every
        few seconds.

        No ping needs an answer. Daphne's own pings would start a timer each, and end the connection
        if that very ping is not answered in time.
        """
        now = monotonic()
        self.forget_waste()
        passed, self.checked = now - self.checked, now
        if self.state == self.STATE_CONNECTING:
            if now - self.opened > self.server.websocket_connect_timeout:
                self.serverReject()
        elif self.state == self.STATE_OPEN:
            if not self.reads:
                self.heard = now
            if now - self.heard > silence_allowed():
                self.note_dropped(f"it sent nothing for {now - self.heard:.0f} s")
                DROPS.values["silent",] += 1
                self.transport.abortConnection()
            elif not self.is_known and self.hesitates(passed):
                code = POWER_LOST if self.was_known else NOT_AUTHENTICATED
                DROPS.values["not authenticated",] += 1
                self.end(code, "Authenticate in time")
            elif now - self.pinged >= settings.PING_SECONDS:
                self.pinged = now
                self.ping()

    def know(self, is_known: bool) -> None:
        if self.is_known:
            # If the client has to authenticate again, it gets the whole time again.
            self.hesitated = 0.0
        self.intake.is_stranger = not is_known
        super().know(is_known)

    def hesitates(self, seconds: float) -> bool:
        """Count `seconds`, unless the client waits for an answer. Whether it had
        AUTHENTICATE_SECONDS to authenticate."""
        if self.application_queue.is_awaited:
            self.hesitated += seconds
        return self.hesitated > settings.AUTHENTICATE_SECONDS

    def ping(self) -> None:
        raise NotImplementedError
