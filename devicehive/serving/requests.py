"""HTTP requests, and the requests that become WebSockets: bounded in size and in time.

Each departure from daphne and Twisted stands on a behaviour that tests/faults hold it to: they
write a body of any length to disk before anyone can refuse it, read cookies and forms for nobody,
and send an answer in three parts, each in a turn of the loop of its own.
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
    """A request whose body is held in memory, and is no longer than MAX_MESSAGE_BYTES."""

    # Daphne's.
    client_addr: list[Any] | None = None
    server_addr: list[Any] | None = None
    application_queue = None
    _response_started = False

    body: bytes | None = None
    """What the application has yet to receive."""
    ended: asyncio.Event | None = None
    """Set when there is nothing to answer any more."""
    head: dict[str, Any] | None = None
    """Of an answer whose body is still to come."""
    when_ended: Callable[[], None] | None = None
    """What to do when the client sends no more, if not to go on."""
    # Twisted's are in Python, and daphne keeps requests in a dict.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __init__(self, channel: Any, queued: bool = False) -> None:
        """In the place of daphne's, which finds Twisted's through a module that warns of old
        names, as it does to finish: 1 µs each time."""
        Request.__init__(self, channel, queued)
        self.server = channel.factory.server
        self.server.protocol_connected(self)

    def parseCookies(self) -> None:
        """Whoever answers reads the header itself."""

    def gotLength(self, length: int | None) -> None:
        self.content = BytesIO()
        hosts = len(self.requestHeaders.getRawHeaders(b"Host", ()))
        if hosts > 1 or not (hosts or self.channel.is_of_http_1_0):
            # Of two, a proxy may take another one for the host than we do (RFC 9112, 3.2).
            self.refuse(HttpRefusal.BAD_REQUEST)
        elif length is not None and length > settings.MAX_MESSAGE_BYTES:
            self.refuse(HttpRefusal.BODY_TOO_LONG)

    def refuse(self, refusal: HttpRefusal) -> None:
        self.requestHeaders.removeHeader(b"Expect")  # Nothing is to be sent.
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
        """In Twisted's place, which reads queries and forms as well."""
        host, path = read_target(path)
        if host is not None:
            # It goes before that of the header (RFC 9112, 3.2.2).
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
            # The last is what our proxy saw; those before it, a client can make up.
            last = forwarded[-1].rpartition(b",")[2].strip()
            self.requestHeaders.setRawHeaders(b"X-Forwarded-For", [last])
        upgrades = self.requestHeaders.getRawHeaders(b"Upgrade", [b""])
        if upgrades[0].lower() == b"websocket":
            super().process()
        else:
            self.start_application()

    def has_left(self) -> bool:
        """Whether the client has left, or sends no more, which looks the same: the ASGI extension
        `devicehive.left`. May be called in any thread."""
        channel = self.channel
        return channel is None or channel.has_ended

    def end_with_client(self, end: Callable[[], None]) -> None:
        """Call this when the client sends no more: the ASGI extension `devicehive.ended`."""
        self.when_ended = end
        if self.has_left():
            end()

    def start_application(self) -> None:
        """In daphne's place, which for one request waits for several callbacks."""
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
        """The body, which has come whole; and then, when it is so, that this has ended."""
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
        """The addresses of the connection, or the client's that a trusted proxy tells."""
        if hasattr(self.client, "port"):  # Those of a Unix socket have none.
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
        """Whether this is all of an answer that says how long it is."""
        if message.get("more_body") or self.clientproto != b"HTTP/1.1":
            return False
        return head["status"] in NO_BODY_CODES or any(
            name.lower() == b"content-length" for name, _ in head["headers"]
        )

    def write_whole(self, head: dict[str, Any], body: bytes) -> None:
        """Write an answer at once."""
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
        """Daphne's own refusals, such as of a path that is not ASCII: not as HTML."""
        self.answer(Answer.refuse(Refused(status, f"HTTP {status} {status_text.decode()}")))

    def give_up(self) -> None:
        """Answer for an application that has ended without an answer."""
        if not self._response_started:
            self.answer(Answer.refuse(LaterRefusal.UNAVAILABLE()))

    def answer(self, answer: Answer) -> None:
        for message in answer.messages():
            self.handle_reply(message)
