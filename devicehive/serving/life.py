"""Who is alive, and who is to authenticate: one schedule for all WebSockets, no timer of any."""

from time import monotonic

from django.conf import settings

from devicehive.metrics import DROPS
from devicehive.serving.reading import ReadingProtocol

PING = b"\x89\x00"
"""An empty ping. DeviceHive's ESP8266 firmware knows no other (R-31)."""
NOT_AUTHENTICATED = 4408
"""Named after HTTP's 408."""
POWER_LOST = 4401
"""Named after HTTP's 401: it had authenticated, and what it had is gone (R-45)."""


def silence_allowed() -> int:
    """Seconds after which a client of which nothing has come is taken for dead.

    Never less than three pings, one of which may be lost and one be answered late.
    """
    return int(max(settings.SILENT_SECONDS, 3 * settings.PING_SECONDS))


class LivingProtocol(ReadingProtocol):
    """One WebSocket connection, as far as time passes."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.opened = self.pinged = self.checked = monotonic()
        self.hesitated = 0.0
        """Seconds in which it could have authenticated."""

    def check_timeouts(self) -> None:
        """Ping, and drop who was silent for long: the server calls this every few seconds.

        A ping needs no answer. Daphne's starts a timer each, and the connection ends unless that
        very ping is answered in time.
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
                self.note_dropped(f"it said nothing for {now - self.heard:.0f} s")
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
            # It has the whole time again, should it have to authenticate anew.
            self.hesitated = 0.0
        self.intake.is_stranger = not is_known
        super().know(is_known)

    def hesitates(self, seconds: float) -> bool:
        """Whether it has had AUTHENTICATE_SECONDS; no time counts in which we owe an answer."""
        if self.application_queue.is_awaited:
            self.hesitated += seconds
        return self.hesitated > settings.AUTHENTICATE_SECONDS

    def ping(self) -> None:
        raise NotImplementedError
