"""Bounds the memory for data that clients have sent and nothing has handled yet, per process.

MAX_MESSAGE_BYTES bounds it for each client as well, but there may be thousands of them.
"""

from collections.abc import Callable

from django.conf import settings

LITTLE = 65_536
"""An unauthenticated client with no more bytes than this is treated like any other: it may be about
to authenticate."""


class Intake:
    """The number of bytes of one client in incomplete messages and bodies, and in messages that
    wait for the consumer.

    If those of all clients exceed MAX_ALL_RECEIVED_BYTES, the client with most is dropped,
    unauthenticated ones first.
    """

    def __init__(self, drop: Callable[[], None]) -> None:
        self.drop = drop
        """Closes the connection at once."""
        self.is_stranger = True
        self.bytes = 0
        intakes.open.add(self)

    @property
    def hoards_as_stranger(self) -> bool:
        return self.is_stranger and self.bytes > LITTLE

    def hold(self, length: int) -> None:
        """Count `length` more bytes, or fewer if it is negative."""
        if self in intakes.open:
            self.bytes += length
            intakes.bytes += length
            if length > 0 and intakes.bytes > settings.MAX_ALL_RECEIVED_BYTES:
                intakes.drop_longest()

    def close(self) -> None:
        """Count no bytes any more: the connection has ended."""
        self.hold(-self.bytes)
        intakes.open.discard(self)
        self.drop = _drop_nothing  # Otherwise this would form a cycle with the connection.


def _drop_nothing() -> None:
    """Do nothing, because the connection has ended."""


class Intakes:
    """The intakes of all clients of a process. Used only on the event loop."""

    def __init__(self) -> None:
        self.bytes = 0
        self.open: set[Intake] = set()

    def drop_longest(self) -> None:
        longest = max(self.open, key=lambda each: (each.hoards_as_stranger, each.bytes))
        drop = longest.drop
        longest.close()
        drop()


intakes = Intakes()
