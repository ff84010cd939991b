"""The opening handshake of a WebSocket, checked here instead of by autobahn and daphne.

autobahn refuses handshakes that the protocol allows: an Origin that is not a URL, a port in Host
that is not a number, a fragment, a subprotocol offered twice, extensions that it cannot parse.
daphne accepts Daphne-Root-Path from any client, and fails on a subprotocol that is not ASCII.
"""

from http import HTTPStatus
from typing import Any

import msgspec
from autobahn.websocket.protocol import WebSocketServerProtocol, parseHttpHeader
from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.defer import maybeDeferred

from devicehive.log.outcomes import note_refusal
from devicehive.log.visitors import Visitor, peer_of
from devicehive.protocol.refusals import Refused

IGNORED = ("sec-websocket-protocol", "sec-websocket-extensions", "daphne-root-path")
"""Headers that are dropped: no subprotocol is selected (1.1), no extension is used, and clients
must not set the root path."""
VERSIONS = ("13", "8")
"""8 was the last draft of RFC 6455; its frames are the same."""


async def deny_stranger(scope: Any, receive: Any, send: Any) -> None:
    """The application for a handshake from an address with too many unauthenticated WebSockets."""
    await send({"type": "websocket.http.response.start", "status": 429, "headers": []})


class BadHandshake(Exception):  # noqa: N818  # what is wrong with the client's request
    """The handshake is wrong: has the status, the phrase and extra headers of the answer."""

    def __init__(self, status: int, phrase: str, *headers: tuple[str, str]) -> None:
        super().__init__(phrase)
        self.status = status
        self.headers = headers


def require_header(headers: dict[str, str], name: str, word: str = "") -> str:
    """The value of a required header, which has to contain `word`, if given, in its list. Raises
    BadHandshake."""
    value = headers.get(name, "")
    if not value or (word and word not in value.lower().replace(" ", "").split(",")):
        raise BadHandshake(400, f"Header {name} is missing or wrong")
    return value


def path_of(target: str) -> str:
    """The path of a request target, from which `DeviceRequest` has removed a host already."""
    return target.partition("?")[0].partition("#")[0]


def options_of(factory: Any) -> dict[str, Any]:
    """The options that autobahn would copy from a factory to each of its connections."""
    return {name: getattr(factory, name) for name in WebSocketServerProtocol.CONFIG_ATTRS}


class HandshakeProtocol(WebSocketProtocol):
    """The part of a WebSocket connection that does the opening handshake."""

    data: bytes
    _wskey = ""
    asked: str | None = None
    """The requested path, once it is known."""
    CONFIG_ATTRS = ()
    """Empty, so that autobahn copies no options: it formats each for its log, even if that is off,
    which takes a quarter of the time to connect, authenticate and save."""

    def connectionMade(self) -> None:
        self.__dict__.update(self.factory.options)
        super().connectionMade()

    def processHandshake(self) -> None:
        if self._wskey:
            return  # The head was read already. What follows waits until it is answered.
        head, found, self.data = self.data.partition(b"\r\n\r\n")
        if not found:
            self.data = head
            return
        try:
            request = self.judge(head)
        except BadHandshake as bad:
            self.failHandshake(str(bad), bad.status, bad.headers)
            return
        maybeDeferred(self.onConnect, request).addCallbacks(self.succeedHandshake, self.refuse)

    def judge(self, head: bytes) -> ConnectionRequest:
        """Check the head by RFC 6455, 4.2.1, and make the request for `onConnect`. Raises
        BadHandshake."""
        line, headers, _ = parseHttpHeader(head)
        method, target, _ = line.split(" ")
        if method != "GET":
            raise BadHandshake(405, "Method not allowed", ("Allow", "GET"))
        require_header(headers, "upgrade", "websocket")
        require_header(headers, "connection", "upgrade")
        host = require_header(headers, "host")
        if headers.get("sec-websocket-version") not in VERSIONS:
            version = ("Sec-WebSocket-Version", VERSIONS[0])
            raise BadHandshake(426, "Upgrade required", version)
        self.asked = path = path_of(target)
        self._wskey = require_header(headers, "sec-websocket-key")
        self.websocket_version = 13
        self.websocket_protocols: list[str] = []
        self.websocket_extensions: list[str] = []
        for name in IGNORED:
            headers.pop(name, None)
        return ConnectionRequest(
            peer=self.peer,
            headers=headers,
            host=host,
            path=path,
            params={},
            version=self.websocket_version,
            origin=None,
            protocols=self.websocket_protocols,
            extensions=self.websocket_extensions,
        )

    def refuse(self, failure: Any) -> None:
        """Answer a handshake that `onConnect` refused, or for which it failed; daphne has logged
        that."""
        if failure.check(ConnectionDeny):
            self.failHandshake(failure.value.reason, failure.value.code)
        else:
            self.failHandshake("Internal Server Error", 500)

    def failHandshake(
        self, reason: str, code: int = 400, responseHeaders: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.note_refusal(code, reason)
        # The body is that of a REST error, for clients that meant to use REST (REST 1.5). Without
        # Content-Length and Connection: close, a client would wait for more.
        body = msgspec.json.encode({"error": code, "message": reason})
        headers = (
            *responseHeaders,
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        )
        self.sendHttpErrorResponse(code, reason, headers)
        self.sendData(body)
        self.dropConnection(abort=False)

    def note_refusal(self, status: int, reason: str) -> None:
        """Log why a handshake was refused: few clients show the reason."""
        client = getattr(self, "client_addr", None)
        if client is None:
            address = self.transport.getPeer()
            client = (address.host, address.port)
        refused = Refused(status, reason, reason=reason).because("handshake refused")
        note_refusal(refused, Visitor(peer=peer_of(client)), path=self.asked)

    def deny(self, status: int) -> None:
        """Refuse the handshake with this HTTP status."""
        phrase = HTTPStatus(status).phrase
        denial = ConnectionDeny(status, phrase)
        self.handshake_deferred.errback(denial)
        del self.handshake_deferred
        self.server.protocol_disconnected(self)

    def serverReject(self) -> None:
        self.deny(403)

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:
        if hasattr(self, "server"):  # Otherwise the handshake failed before daphne knew of it.
            super().onClose(wasClean, code, reason)
