"""Writes to Twisted's transports without delay, and drops clients that do not read."""

import asyncio
import struct
import termios
from collections.abc import Callable
from contextlib import suppress
from fcntl import ioctl
from typing import Any

from django.conf import settings


def unsent(transport: Any) -> int:
    """The number of bytes in the transport's buffer."""
    return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)


def undelivered(transport: Any) -> int:
    """Bytes that the client has not received: those in the transport's buffer and those in the
    system's send buffer. The latter can be megabytes, which take a slow client minutes."""
    kept = bytes(4)
    if transport.connected:
        with suppress(OSError):  # Not every system has TIOCOUTQ.
            kept = ioctl(transport.fileno(), termios.TIOCOUTQ, kept)
    return unsent(transport) + int(struct.unpack("i", kept)[0])


def write_at_once(transport: Any, data: bytes) -> None:
    """Send as much as the system takes now, and the rest when the socket is writable again.

    The transport's own `write` waits for the next event loop iteration and takes two epoll calls.
    """
    if transport.dataBuffer or transport._tempDataBuffer or not transport.connected:
        transport.write(data)
        return
    sent = transport.writeSomeData(data)
    if not isinstance(sent, int):
        sent = 0  # The connection is lost; Twisted will notice that and end it.
    if sent < len(data):
        transport.write(data[sent:])


class Patience:
    """Watches a client that does not read, until `end`.

    A client that reads nothing for UNSENT_SECONDS is dropped; one that reads slowly is not.
    """

    def __init__(self, transport: Any, note_dropped: Callable[[int], None]) -> None:
        """`note_dropped` is called with the number of unread bytes before the client is dropped."""
        self.transport = transport
        self.note_dropped = note_dropped
        self.wait()

    def wait(self) -> None:
        self.left = undelivered(self.transport)
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(settings.UNSENT_SECONDS, self.drop_unless_read)

    def drop_unless_read(self) -> None:
        if undelivered(self.transport) < self.left:
            self.wait()
        else:
            self.note_dropped(self.left)
            self.transport.abortConnection()

    def end(self) -> None:
        self.timer.cancel()
