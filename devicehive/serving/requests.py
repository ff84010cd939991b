"""HTTP requests, and the requests that become WebSockets: bounded in size and in time.

Each departure from daphne and Twisted stands on a behaviour that tests/faults hold it to: they
write a body of any length to disk before anyone can refuse it, and wait as long as a byte comes now
and then.
"""

import logging
import os
import resource
from collections.abc import Callable
from io import BytesIO
from typing import Any

from daphne.http_protocol import WebRequest
from django.conf import settings
from twisted.web.http import HTTPChannel

from devicehive.protocol.http_messages import Answer
from devicehive.protocol.refusals import HttpRefusal, Refused

logger = logging.getLogger(__name__)

HEAD_SECONDS = 10
"""For the request line and the headers, from the first byte or the connection on: they fit into a
packet or two, and TCP tries again within three seconds."""
BODY_SECONDS = 60
"""For a body from the headers on: 1 MiB at 17 kB/s, which a bad mobile connection has."""
IDLE_SECONDS = 60
"""Between two requests, as proxies keep connections for the next."""
LINGER_SECONDS = 2
"""For a client to read why it was refused, while the rest it sends is thrown away."""
SPARE_DESCRIPTORS = 128
"""Open files that connections leave: for the database, Redis, logs, and accepting to refuse."""


def raise_descriptor_limit() -> None:
    """Have as many open files as the system allows: each connection is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def leaves_descriptors() -> bool:
    """Whether SPARE_DESCRIPTORS are free. The system gives the lowest that is free, so all those
    below it are taken."""
    try:
        lowest = os.open(os.devnull, os.O_RDONLY)
    except OSError:
        return False
    os.close(lowest)
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return lowest < limit - SPARE_DESCRIPTORS


def build_while_descriptors_last(build: Callable[[Any], Any], address: Any) -> Any:
    """Make the protocol of a new connection, or None, which has it closed at once: Twisted accepts
    a hundred in a turn, and what is closed only in the next takes what is kept spare."""
    if leaves_descriptors():
        return build(address)
    logger.warning("refused a connection: open files are too many")
    return None


def write_refusal(refusal: HttpRefusal) -> bytes:
    """The whole answer that ends a connection."""
    answer = Answer.refuse(refusal(), (b"connection", b"close"))
    lines = [f"HTTP/1.1{refusal.text.removeprefix('HTTP')}".encode()]
    lines += [b"%s: %s" % header for header in answer.all_headers]
    return b"\r\n".join([*lines, b"", answer.body])


class DeviceRequest(WebRequest):
    """A request whose body is held in memory, and is no longer than MAX_MESSAGE_BYTES."""

    def gotLength(self, length: int | None) -> None:
        self.content = BytesIO()
        if length is not None and length > settings.MAX_MESSAGE_BYTES:
            self.requestHeaders.removeHeader(b"Expect")  # Nothing is to be sent.
            self.channel.refuse(HttpRefusal.BODY_TOO_LONG)

    def handleContentChunk(self, data: bytes) -> None:
        if self.channel.refused:
            return
        if self.content.tell() + len(data) > settings.MAX_MESSAGE_BYTES:
            self.channel.refuse(HttpRefusal.BODY_TOO_LONG)
        else:
            super().handleContentChunk(data)

    def process(self) -> Any:
        if self.channel.refused:
            return None
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")
        forwarded = self.requestHeaders.getRawHeaders(b"X-Forwarded-For")
        if forwarded and settings.TRUST_PROXY:
            # The last is what our proxy saw; those before it, a client can make up.
            last = forwarded[-1].rpartition(b",")[2].strip()
            self.requestHeaders.setRawHeaders(b"X-Forwarded-For", [last])
        return super().process()

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """Daphne's own refusals, such as of a path that is not ASCII: not as HTML."""
        refused = Refused(status, f"HTTP {status} {status_text.decode()}")
        for message in Answer.refuse(refused).messages():
            self.handle_reply(message)


class DeviceChannel(HTTPChannel):
    """A connection, until it becomes a WebSocket's."""

    transport: Any

    refused = False
    idle = False

    def connectionMade(self) -> None:
        super().connectionMade()
        self.requestFactory = DeviceRequest
        self.setTimeout(HEAD_SECONDS)

    def resetTimeout(self) -> None:
        """A byte now and then buys no time."""

    def dataReceived(self, data: bytes) -> None:
        if self.refused:
            return
        if self.idle:
            self.idle = False
            self.setTimeout(HEAD_SECONDS)
        super().dataReceived(data)

    def allHeadersReceived(self) -> None:
        self.setTimeout(BODY_SECONDS)
        super().allHeadersReceived()

    def requestDone(self, request: Any) -> None:
        super().requestDone(request)
        if not self.requests:
            self.idle = True
            self.setTimeout(IDLE_SECONDS)

    def refuse(self, refusal: HttpRefusal) -> None:
        """Answer before the request is complete, and end the connection."""
        if self.refused:
            return  # What Twisted read on finds another fault.
        self.refused = True
        self.transport.write(write_refusal(refusal))
        # Closed with something unread, TCP would take back the answer.
        self.transport.loseWriteConnection()
        self.setTimeout(LINGER_SECONDS)

    def lineReceived(self, line: bytes) -> bool:
        """Returns whether that was the last line that Twisted should read."""
        super().lineReceived(line)
        return self.refused

    def _respondToBadRequestAndDisconnect(self) -> None:
        too_long = (
            self._receivedHeaderSize > self.totalHeadersSize
            or self._receivedHeaderCount > self.maxHeaders
        )
        self.refuse(HttpRefusal.HEAD_TOO_LONG if too_long else HttpRefusal.BAD_REQUEST)

    def lineLengthExceeded(self, line: bytes) -> None:
        self.refuse(HttpRefusal.HEAD_TOO_LONG)

    def timeoutConnection(self) -> None:
        if self.refused:
            self.transport.abortConnection()
        elif self.idle or not self.requests:
            self.transport.loseConnection()
        else:
            self.refuse(HttpRefusal.REQUEST_TIMEOUT)
