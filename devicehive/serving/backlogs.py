"""Backlogs of clients that read too slowly: bounded for each, and for all clients of a process."""

from collections import Counter, deque
from collections.abc import Callable

from django.conf import settings

FRAME_BYTES = 200
"""The memory that a waiting frame takes in addition to its text."""


class Backlog:
    """The data that one client has yet to read: bytes in the transport's buffer, then frames.

    A frame is a head and a tail. All frames of an event share one head object, which is counted
    once. If the backlogs of a process exceed MAX_ALL_UNSENT_BYTES, the client with the longest one
    is dropped.
    """

    def __init__(self, drop: Callable[[], None]) -> None:
        self.drop = drop
        """Closes the connection at once and discards the backlog."""
        self.buffered = 0
        """Bytes in the transport's buffer."""
        self.bytes = 0
        """Bytes in waiting frames, with their whole heads."""
        self._frames: deque[tuple[bytes, bytes]] = deque()

    def __bool__(self) -> bool:
        return bool(self._frames)

    def buffer(self, length: int) -> None:
        """Note how many bytes are in the transport's buffer now."""
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

    def discard_frames(self) -> None:
        while self._frames:
            self.popleft()

    def clear(self) -> None:
        self.discard_frames()
        self.buffer(0)


class Backlogs:
    """All backlogs of a process that are not empty. Used only on the event loop."""

    def __init__(self) -> None:
        self.bytes = 0
        self._owners: Counter[int] = Counter()
        """By `id` of a head object: how many waiting frames share it."""
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
        """Register a backlog if it is not empty, and drop the longest ones while all together are
        too long."""
        if backlog.buffered or backlog:
            self._all.add(backlog)
        else:
            self._all.discard(backlog)
        while self.bytes > settings.MAX_ALL_UNSENT_BYTES and self._all:
            longest = max(self._all, key=lambda each: each.buffered + each.bytes)
            longest.clear()
            longest.drop()


backlogs = Backlogs()
