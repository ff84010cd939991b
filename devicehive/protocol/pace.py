"""How many messages a second one connection, and one token of REST, may have handled:
MESSAGES_PER_SECOND."""

from time import monotonic

from devicehive.protocol.refusals import LaterRefusal, Refused


class Pace:
    """A bucket that holds the messages of one second, and is filled as fast as they are allowed.

    So a client may be silent and then send a second's messages at once.
    """

    def __init__(self, per_second: int) -> None:
        self.per_second = per_second
        self.left = float(per_second)
        self.filled = monotonic()

    def refusal(self) -> Refused | None:
        """Take a message from the bucket; the reason to refuse it if there is none left."""
        now = monotonic()
        self.left = min(self.per_second, self.left + (now - self.filled) * self.per_second)
        self.filled = now
        if self.left < 1:
            return LaterRefusal.TOO_MANY_MESSAGES.after(1)
        self.left -= 1
        return None
