"""A WebSocket client that can send any bytes, and leave anything unread."""

import json
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.server import SECONDS, Server

CONTINUATION, TEXT, BINARY, CLOSE, PING = 0x0, 0x1, 0x2, 0x8, 0x9
HANDSHAKE = (
    "GET /api/websocket HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def frame(payload: str | bytes, opcode: int = TEXT, *, final: bool = True) -> bytes:
    """A frame of RFC 6455. Its mask is zero, which leaves the payload as it is."""
    data = payload.encode() if isinstance(payload, str) else payload
    head = struct.pack("!B", opcode | (0x80 if final else 0))
    if len(data) < 126:
        head += struct.pack("!B", 0x80 | len(data))
    elif len(data) < 1 << 16:
        head += struct.pack("!BH", 0x80 | 126, len(data))
    else:
        head += struct.pack("!BQ", 0x80 | 127, len(data))
    return head + bytes(4) + data


class RawSocket:
    def __init__(self, server: Server) -> None:
        host, port = server.address.split(":")
        self.socket = socket.socket()
        # What the system buffers for us is not what the server is tested for.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(SECONDS)
        self.socket.connect((host, int(port)))
        self.socket.sendall(HANDSHAKE.format(server.address).encode())
        self.stream = self.socket.makefile("rb")
        while self.stream.readline().strip():
            pass

    def ask(self, action: str, **members: Any) -> dict[str, Any]:
        self.socket.sendall(frame(json.dumps({"action": action, "requestId": 1, **members})))
        answer: dict[str, Any] = json.loads(self.read()[1])
        return answer

    def read(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload."""
        first, length = self.stream.read(2)
        if length == 126:
            (length,) = struct.unpack("!H", self.stream.read(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.stream.read(8))
        return first & 0xF, self.stream.read(length)

    def close_code(self) -> int:
        """The code of the close frame, which must be next but for pongs."""
        code, _ = self.close_frame()
        return code

    def close_frame(self) -> tuple[int, str]:
        """The code and the reason of the close frame, which must be next but for pongs."""
        opcode, payload = self.read()
        assert opcode == CLOSE, payload
        (code,) = struct.unpack("!H", payload[:2])
        return code, payload[2:].decode()

    def flood(self, data: bytes, *, most: int) -> int:
        """Send `data` again and again until nobody takes it any more; returns the bytes taken.

        Stops at `most` bytes too. Raises ConnectionError when the server hangs up.
        """
        sent = 0
        self.socket.setblocking(False)
        rest = memoryview(data)
        while sent < most and select.select([], [self.socket], [], 0.5)[1]:
            taken = self.socket.send(rest)
            sent += taken
            rest = rest[taken:] or memoryview(data)
        self.socket.settimeout(SECONDS)
        return sent

    def is_dropped(self, seconds: int = SECONDS) -> bool:
        """Wait for the server to end the connection, reading nothing. False if it does not."""
        poll = select.poll()
        poll.register(self.socket, select.POLLRDHUP | select.POLLHUP)
        return bool(poll.poll(seconds * 1000))


@contextmanager
def raw_socket(server: Server, login: str | None = None) -> Iterator[RawSocket]:
    client = RawSocket(server)
    with client.socket, client.stream:
        if login:
            answer = client.ask("authenticate", token=server.database.access[login])
            assert answer["status"] == "success", answer
        yield client
