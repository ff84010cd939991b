"""HTTP requests and answers of REST: headers, bodies and status codes (REST 1.2 to 1.6)."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl

import msgspec
from django.conf import settings

from devicehive.protocol.refusals import HttpRefusal, LaterRefusal, Refused
from devicehive.serving.addresses import Address, address_of

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

JSON: Header = (b"content-type", b"application/json")
CORS: tuple[Header, ...] = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-allow-methods", b"OPTIONS, GET, POST, PUT, DELETE, HEAD"),
    (
        b"access-control-allow-headers",
        b"Origin, Authorization, Accept, Content-Type, Auth-DeviceID, Auth-DeviceKey",
    ),
    (b"access-control-expose-headers", b"Retry-After"),
    (b"access-control-max-age", b"0"),
)
"""The headers of every answer (REST 1.3): web consoles are served from other origins."""
NO_CONTENT = 204
SECONDS_AWAY = {LaterRefusal.UNAVAILABLE.code: 1}
"""Retry-After in seconds, by status code, for refusals that do not name one themselves."""
OVERRIDES = frozenset({"PUT", "DELETE", "HEAD", "OPTIONS"})
"""The methods that X-HTTP-Method-Override may name in a POST (REST 1.3)."""
CONTEXTS = {"/auth": "/api"}
"""By mount without a WebSocket: the mount whose WebSocket its clients use (REST 1.2)."""


class HttpRequest:
    """An HTTP request, from the scope and the messages of ASGI."""

    __slots__ = ("headers", "receive", "scope")

    def __init__(self, scope: Any, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.headers: dict[bytes, bytes] = dict(scope["headers"])

    def header(self, name: bytes) -> str:
        return self.headers.get(name, b"").decode("latin1").strip()

    @property
    def method(self) -> str:
        """The method, or the one in X-HTTP-Method-Override of a POST: some clients can send no
        other."""
        method: str = self.scope["method"]
        if method != "POST":
            return method
        override = self.header(b"x-http-method-override").upper()
        return override if override in OVERRIDES else method

    @property
    def bearer(self) -> str:
        """The token of the Authorization header, or "" if there is none. Case does not matter in
        its scheme (RFC 6750)."""
        scheme, _, token = self.header(b"authorization").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    @property
    def query(self) -> dict[str, str]:
        text = self.scope["query_string"].decode("latin1")
        return dict(parse_qsl(text, keep_blank_values=True)) if text else {}

    @property
    def path(self) -> str:
        """The path below the mount, still percent-encoded, so that a `%2F` is no separator."""
        raw: bytes = self.scope.get("raw_path") or self.scope["path"].encode()
        below = raw.decode("latin1").removeprefix(self.scope.get("root_path", ""))
        return below.partition("/rest")[2]

    @property
    def base_url(self) -> str:
        """The address that the client used, as `http(s)://host[:port]/context`, with the context of
        the WebSocket."""
        host = self.header(b"host") or ":".join(map(str, self.scope.get("server") or ()))
        prefix = self.scope.get("root_path", "")
        context = self.scope["path"].removeprefix(prefix).partition("/rest")[0]
        return f"{self.scope['scheme']}://{host}{prefix}{CONTEXTS.get(context, context)}"

    @property
    def address(self) -> Address:
        """The address that the request comes from, with its limits."""
        return address_of(self.scope)

    def end_with_client(self, end: Callable[[], None]) -> None:
        """Have `end` called when the client has closed its side, which may mean that it has left.
        Only `serve` tells of that."""
        tell = (self.scope.get("extensions") or {}).get("devicehive.ended")
        if tell is not None:
            tell(end)

    def note_batched(self) -> None:
        """Tell `serve` that this is a request for a batch with a valid token, such as a save. It
        then gives the next request of the connection priority."""
        extensions = self.scope.get("extensions") or {}
        if note := extensions.get("devicehive.batched"):
            note()

    async def body(self) -> bytes:
        """The whole body, b"" if there is none. Raises Refused above MAX_MESSAGE_BYTES."""
        parts: list[bytes] = []
        length, has_more = 0, True
        while has_more:
            message = await self.receive()
            parts.append(message.get("body", b""))
            length += len(parts[-1])
            if length > settings.MAX_MESSAGE_BYTES:
                raise HttpRefusal.BODY_TOO_LONG()
            has_more = message.get("more_body", False)
        return b"".join(parts)

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters. The default is JSON, because DeviceHive's
        clients for Python and Go send no Content-Type."""
        return self.header(b"content-type").partition(";")[0].strip().lower() or JSON[1].decode()


class Answer(NamedTuple):
    """An HTTP answer, without the headers that all answers have."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = (JSON,)

    @classmethod
    def of(cls, status: int, content: object) -> Self:
        return cls(status, msgspec.json.encode(content))

    @classmethod
    def refuse(cls, refused: Refused, *headers: Header) -> Self:
        """An answer with the error body that all clients expect (REST 1.5)."""
        error = {"error": refused.code, "message": refused.text}
        seconds = refused.retry_after or SECONDS_AWAY.get(refused.code)
        if seconds is not None:
            headers = (*headers, (b"retry-after", str(seconds).encode()))
        return cls(refused.code, msgspec.json.encode(error), (JSON, *headers))

    @property
    def all_headers(self) -> list[Header]:
        """All headers to send. A 204 has no Content-Length, because it has no body (RFC 9110)."""
        if self.status == NO_CONTENT:
            return [*CORS]
        return [*self.headers, *CORS, (b"content-length", b"%d" % len(self.body))]

    def messages(self, *, bodiless: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
        """The two ASGI messages of the answer; `bodiless`, for a HEAD, leaves the body out."""
        start = {"type": "http.response.start", "status": self.status, "headers": self.all_headers}
        return start, {"type": "http.response.body", "body": b"" if bodiless else self.body}

    async def send(self, send: Send, *, bodiless: bool = False) -> None:
        for message in self.messages(bodiless=bodiless):
            await send(message)
