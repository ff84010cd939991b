"""The rate limit MESSAGES_PER_SECOND, for each connection and for each token of REST."""

from time import monotonic

from devicehive.protocol.refusals import LaterRefusal, Refused


class Pace:
    """A token bucket that holds the messages of one second and fills up within a second.

    So a client that was silent may send the messages of one second at once.
    """

    def __init__(self, per_second: int) -> None:
        self.per_second = per_second
        self.left = float(per_second)
        self.filled = monotonic()

    def refusal(self) -> Refused | None:
        """Take one message from the bucket. Returns its refusal if the bucket is empty."""
        now = monotonic()
        self.left = min(self.per_second, self.left + (now - self.filled) * self.per_second)
        self.filled = now
        if self.left < 1:
            return LaterRefusal.TOO_MANY_MESSAGES.after(1)
        self.left -= 1
        return None
