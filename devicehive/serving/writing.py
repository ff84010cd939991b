"""Writing to a transport of Twisted's: at once, and for clients that read."""

import asyncio
from collections.abc import Callable
from typing import Any

from django.conf import settings


def unsent(transport: Any) -> int:
    """Bytes in the transport's buffer."""
    return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)


def write_at_once(transport: Any, data: bytes) -> None:
    """Send at once what the system takes; the rest when the socket is writable again.

    The transport's own write waits for the loop's next turn and two calls of epoll.
    """
    if transport.dataBuffer or transport._tempDataBuffer or not transport.connected:
        transport.write(data)
        return
    sent = transport.writeSomeData(data)
    if not isinstance(sent, int):
        sent = 0  # The connection is lost: Twisted finds that, too, and ends it.
    if sent < len(data):
        transport.write(data[sent:])


class Patience:
    """Waits for a client to read what is left to send, until `end`.

    A slow client is waited for as long as it takes something in UNSENT_SECONDS; else it is dropped.
    """

    def __init__(self, transport: Any, note_dropped: Callable[[int], None]) -> None:
        """`note_dropped` hears how many bytes a client left that is dropped."""
        self.transport = transport
        self.note_dropped = note_dropped
        self.wait()

    def wait(self) -> None:
        self.left = unsent(self.transport)
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(settings.UNSENT_SECONDS, self.drop_unless_read)

    def drop_unless_read(self) -> None:
        if unsent(self.transport) < self.left:
            self.wait()
        else:
            self.note_dropped(self.left)
            self.transport.abortConnection()

    def end(self) -> None:
        self.timer.cancel()
