"""HTTP requests, and the requests that become WebSockets, with a bounded body.

They depart from daphne and Twisted only where tests in tests/faults require it: these write a body
of any length to disk before it can be refused, parse cookies and forms that nobody uses, and send
an answer in three parts, each in an event loop iteration of its own.
"""

import asyncio
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import unquote

from daphne.http_protocol import WebRequest
from daphne.utils import parse_x_forwarded_for
from django.conf import settings
from twisted.python.failure import Failure
from twisted.web.http import NO_BODY_CODES, RESPONSES, Request

from devicehive.protocol.http_messages import Answer
from devicehive.protocol.refusals import HttpRefusal, LaterRefusal, Refused
from devicehive.serving.request_heads import OF_THE_SERVER, read_headers, read_target
from devicehive.serving.writing import write_at_once

SERVER = b"Server: devicehive"


class DeviceRequest(WebRequest):
    """A request whose body is held in memory and has at most MAX_MESSAGE_BYTES."""

    # Attributes of daphne.
    client_addr: list[Any] | None = None
    server_addr: list[Any] | None = None
    application_queue = None
    _response_started = False

    body: bytes | None = None
    """The body, until the application has received it."""
    ended: asyncio.Event | None = None
    """Set when the request is answered or its connection lost."""
    head: dict[str, Any] | None = None
    """The start message of an answer whose body has not come yet."""
    when_ended: Callable[[], None] | None = None
    """Called when the client closes its sending side, if the application has set it."""
    # Twisted's are written in Python and slow, and daphne keeps requests in a dict.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(self, channel: Any, queued: bool = False) -> None:
        """Replaces daphne's method, as `finish` does: it would look up Twisted's through a module
        with deprecated names, which takes 1 µs each time."""
        Request.__init__(self, channel, queued)
        self.server = channel.factory.server
        self.server.protocol_connected(self)

    def parseCookies(self) -> None:
        """Do nothing: the application parses the header itself."""

    def gotLength(self, length: int | None) -> None:
        self.content = BytesIO()
        hosts = len(self.requestHeaders.getRawHeaders(b"Host", ()))
        if hosts > 1 or not (hosts or self.channel.is_of_http_1_0):
            # If there are two, a proxy may use another one than we do (RFC 9112, 3.2).
            self.refuse(HttpRefusal.BAD_REQUEST)
        elif length is not None and length > settings.MAX_MESSAGE_BYTES:
            self.refuse(HttpRefusal.BODY_TOO_LONG)

    def refuse(self, refusal: HttpRefusal) -> None:
        self.requestHeaders.removeHeader(b"Expect")  # Otherwise 100 Continue would be sent.
        self.channel.refuse(refusal)

    def handleContentChunk(self, data: bytes) -> None:
        if self.channel.refused:
            return
        if self.content.tell() + len(data) > settings.MAX_MESSAGE_BYTES:
            self.channel.refuse(HttpRefusal.BODY_TOO_LONG)
        else:
            self.content.write(data)
            self.channel.intake.hold(len(data))

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Handle a complete request. Twisted's method would also parse queries and forms."""
        host, path = read_target(path)
        if host is not None:
            # A host in the target wins over the Host header (RFC 9112, 3.2.2).
            self.requestHeaders.setRawHeaders(b"Host", [host])
        if not path.startswith(b"/") and (command, path) != OF_THE_SERVER:
            self.refuse(HttpRefusal.BAD_REQUEST)
            return
        self.method, self.uri, self.clientproto = command, path, version
        self.path, _, self.query_string = path.partition(b"?")
        self.content.seek(0)
        if self.path == b"*" and not self.channel.refused:
            self.answer(Answer(200))
        else:
            self.process()

    def process(self) -> None:
        if self.channel.refused:
            return
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")
        forwarded = self.requestHeaders.getRawHeaders(b"X-Forwarded-For")
        if forwarded and settings.TRUST_PROXY:
            # The last address is the one that our proxy saw; a client can forge those before it.
            last = forwarded[-1].rpartition(b",")[2].strip()
            self.requestHeaders.setRawHeaders(b"X-Forwarded-For", [last])
        upgrades = self.requestHeaders.getRawHeaders(b"Upgrade", [b""])
        if upgrades[0].lower() == b"websocket":
            super().process()
        else:
            self.start_application()

    def has_left(self) -> bool:
        """Whether the client has left, or only closed its sending side, which looks the same: the
        ASGI extension `devicehive.left`. Any thread may call this."""
        channel = self.channel
        return channel is None or channel.has_ended

    def end_with_client(self, end: Callable[[], None]) -> None:
        """Have `end` called when the client closes its sending side: the ASGI extension
        `devicehive.ended`."""
        self.when_ended = end
        if self.has_left():
            end()

    def start_application(self) -> None:
        """Start the application. daphne would go through several callbacks for each request."""
        headers = read_headers(self.requestHeaders)
        if headers is None:
            self.basic_error(400, b"Bad Request", "Invalid header value")
            return
        try:
            path, _ = unquote(self.path.decode("ascii")), self.query_string.decode("ascii")
        except UnicodeDecodeError:
            self.basic_error(400, b"Bad Request", "Invalid characters in path")
            return
        self.find_client()
        self.body, self.ended = self.content.getvalue(), asyncio.Event()
        self.server.create_application(
            self,
            {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": self.clientproto.split(b"/")[-1].decode("ascii"),
                "method": self.method.decode("ascii"),
                "path": path,
                "raw_path": self.path,
                "root_path": self.server.root_path,
                "scheme": self.client_scheme,
                "query_string": self.query_string,
                "headers": headers,
                "client": self.client_addr,
                "server": self.server_addr,
                "extensions": {
                    "devicehive.batched": self.channel.note_batched,
                    "devicehive.left": self.has_left,
                    "devicehive.ended": self.end_with_client,
                },
            },
        )

    async def receive(self) -> dict[str, Any]:
        """Return the whole body; the next time, wait for the end and return a disconnect."""
        if self.body is not None:
            body, self.body = self.body, None
            return {"type": "http.request", "body": body}
        if self.ended is not None:
            await self.ended.wait()
        return {"type": "http.disconnect"}

    def send_disconnect(self) -> None:
        if self.ended is not None:
            self.ended.set()

    def connectionLost(self, reason: Failure) -> None:
        self.send_disconnect()
        super().connectionLost(reason)

    def finish(self) -> None:
        self.send_disconnect()
        Request.finish(self)
        self.server.protocol_disconnected(self)

    def find_client(self) -> None:
        """Set the addresses of the connection; the client's may be given by a trusted proxy."""
        if hasattr(self.client, "port"):  # A Unix socket has no ports.
            self.client_addr = [self.client.host, self.client.port]
            self.server_addr = [self.host.host, self.host.port]
        self.client_scheme = "http"  # TLS ends at a proxy.
        if settings.TRUST_PROXY:
            self.client_addr, self.client_scheme = parse_x_forwarded_for(
                self.requestHeaders,
                address_header_name=self.server.proxy_forwarded_address_header,
                port_header_name=self.server.proxy_forwarded_port_header,
                proto_header_name=self.server.proxy_forwarded_proto_header,
                original_addr=self.client_addr,
                original_scheme=self.client_scheme,
            )

    async def send(self, message: dict[str, Any]) -> None:
        self.handle_reply(message)

    def handle_reply(self, message: dict[str, Any]) -> None:
        if self.finished or self.channel is None:
            return
        if message["type"] == "http.response.start":
            self.head = message
        elif self.head is None:
            super().handle_reply(message)
        elif self.is_whole(self.head, message):
            self.write_whole(self.head, message.get("body", b""))
        else:
            super().handle_reply(self.head)
            super().handle_reply(message)
            self.head = None

    def is_whole(self, head: dict[str, Any], message: dict[str, Any]) -> bool:
        """Whether this message completes an answer that says its length."""
        if message.get("more_body") or self.clientproto != b"HTTP/1.1":
            return False
        return head["status"] in NO_BODY_CODES or any(
            name.lower() == b"content-length" for name, _ in head["headers"]
        )

    def write_whole(self, head: dict[str, Any], body: bytes) -> None:
        """Write a whole answer at once."""
        self.code = head["status"]
        lines = [b"HTTP/1.1 %d %s" % (self.code, RESPONSES.get(self.code, b""))]
        lines += [b"%s: %s" % header for header in head["headers"]]
        for name, values in self.responseHeaders.getAllRawHeaders():
            lines += [b"%s: %s" % (name, value) for value in values]
        lines.append(SERVER)
        if self.method == b"HEAD" or self.code in NO_BODY_CODES:
            body = b""
        self.startedWriting = 1
        write_at_once(self.transport, b"\r\n".join([*lines, b"", body]))
        self.finish()

    def basic_error(self, status: int, status_text: bytes, body: str) -> None:
        """Answer with one of daphne's own errors, such as a path that is not ASCII, but in JSON."""
        self.answer(Answer.refuse(Refused(status, f"HTTP {status} {status_text.decode()}")))

    def give_up(self) -> None:
        """Answer with 503 if the application has ended without an answer."""
        if not self._response_started:
            self.answer(Answer.refuse(LaterRefusal.UNAVAILABLE()))

    def answer(self, answer: Answer) -> None:
        for message in answer.messages():
            self.handle_reply(message)
