"""What clients have not read yet: bounded for each and, what counts, for all of a process."""

from collections import Counter, deque
from collections.abc import Callable

from django.conf import settings

FRAME_BYTES = 200
"""What a frame takes that waits, beside its text."""


class Backlog:
    """What one client has not read: bytes in the buffer of its transport, and frames behind them.

    A frame is a head and a tail. Of an event that many wait for, the head is one object for all, so
    it is counted once. When all of a process leave more than MAX_ALL_UNSENT_BYTES, who leaves most
    is dropped.
    """

    def __init__(self, drop: Callable[[], None]) -> None:
        self.drop = drop
        """Ends the connection at once, with all that it has not read."""
        self.buffered = 0
        self.bytes = 0
        """Of the frames, each counted whole."""
        self._frames: deque[tuple[bytes, bytes]] = deque()

    def __bool__(self) -> bool:
        return bool(self._frames)

    def buffer(self, length: int) -> None:
        """So much is in the buffer of the transport now."""
        backlogs.bytes += length - self.buffered
        self.buffered = length
        backlogs.note(self)

    def append(self, head: bytes, tail: bytes) -> None:
        self._frames.append((head, tail))
        self.bytes += len(head) + len(tail)
        backlogs.hold(head, tail)
        backlogs.note(self)

    def popleft(self) -> tuple[bytes, bytes]:
        head, tail = self._frames.popleft()
        self.bytes -= len(head) + len(tail)
        backlogs.let_go(head, tail)
        return head, tail

    def clear(self) -> None:
        while self._frames:
            self.popleft()
        self.buffer(0)


class Backlogs:
    """The backlogs of all clients of a process that have not read something. On the event loop
    only."""

    def __init__(self) -> None:
        self.bytes = 0
        self._owners: Counter[int] = Counter()
        """How many frames have this object for a head."""
        self._all: set[Backlog] = set()

    def hold(self, head: bytes, tail: bytes) -> None:
        self._owners[id(head)] += 1
        self.bytes += len(tail) + FRAME_BYTES
        if self._owners[id(head)] == 1:
            self.bytes += len(head)

    def let_go(self, head: bytes, tail: bytes) -> None:
        self._owners[id(head)] -= 1
        self.bytes -= len(tail) + FRAME_BYTES
        if not self._owners[id(head)]:
            del self._owners[id(head)]
            self.bytes -= len(head)

    def note(self, backlog: Backlog) -> None:
        """Keep in mind who leaves something unread, and drop who leaves most if all is too much."""
        if backlog.buffered or backlog:
            self._all.add(backlog)
        else:
            self._all.discard(backlog)
        while self.bytes > settings.MAX_ALL_UNSENT_BYTES and self._all:
            longest = max(self._all, key=lambda each: each.buffered + each.bytes)
            longest.clear()
            longest.drop()


backlogs = Backlogs()
