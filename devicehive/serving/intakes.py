"""What clients have sent and nobody has taken yet: for all of a process, no more than a bound.

It is bounded for each as well, by MAX_MESSAGE_BYTES; but there may be thousands of them.
"""

from collections.abc import Callable

from django.conf import settings

LITTLE = 65_536
"""Bytes with which a stranger is as anybody else: it may be about to authenticate."""


class Intake:
    """What a client has sent: parts of a message or body, and messages that wait for the consumer.

    When those of all are more than MAX_ALL_RECEIVED_BYTES, who has most is dropped, strangers
    first.
    """

    def __init__(self, drop: Callable[[], None]) -> None:
        self.drop = drop
        """Ends the connection at once."""
        self.is_stranger = True
        self.bytes = 0
        intakes.open.add(self)

    @property
    def hoards_as_stranger(self) -> bool:
        return self.is_stranger and self.bytes > LITTLE

    def hold(self, length: int) -> None:
        """So many bytes more are held, or with a negative number, less."""
        if self in intakes.open:
            self.bytes += length
            intakes.bytes += length
            if length > 0 and intakes.bytes > settings.MAX_ALL_RECEIVED_BYTES:
                intakes.drop_longest()

    def close(self) -> None:
        """Nothing is held any more, and nothing will be."""
        self.hold(-self.bytes)
        intakes.open.discard(self)
        self.drop = _drop_nothing  # The connection and this would keep each other.


def _drop_nothing() -> None:
    """It has ended."""


class Intakes:
    """The intakes of all clients of a process. On the event loop only."""

    def __init__(self) -> None:
        self.bytes = 0
        self.open: set[Intake] = set()

    def drop_longest(self) -> None:
        longest = max(self.open, key=lambda each: (each.hoards_as_stranger, each.bytes))
        drop = longest.drop
        longest.close()
        drop()


intakes = Intakes()
