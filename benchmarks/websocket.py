"""A WebSocket client that uses very little CPU: a library would use more for a message than the
measured servers.

It builds frames by hand; by RFC 6455 a client masks its frames and a server does not.
"""

import base64
import os
import socket
import struct

import msgspec

TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A
LONGEST_PAYLOAD = 4096


class Answer(msgspec.Struct, rename="camel"):
    request_id: int | None = None
    status: str | None = None


decode_answer = msgspec.json.Decoder(Answer).decode


def authentication(number: int, token: str) -> bytes:
    return b'{"action":"authenticate","requestId":%d,"token":"%b"}' % (number, token.encode())


class WebSocket:
    """An authenticated connection to a server on this machine. Raises ConnectionError."""

    __slots__ = ("buffer", "mask", "mask_bytes", "socket")

    def __init__(self, port: int, token: str) -> None:
        self.connect(port)
        self.expect_handshake()
        self.authenticate(token)
        self.socket.settimeout(None)

    def connect(self, port: int) -> None:
        """Open the connection and send the handshake."""
        self.buffer = b""
        self.mask_bytes = os.urandom(4)
        # One XOR of two large integers masks a whole frame.
        self.mask = int.from_bytes(self.mask_bytes * (LONGEST_PAYLOAD // 4))
        self.socket = socket.create_connection(("127.0.0.1", port), 30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            (
                f"GET /api/websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )

    def expect_handshake(self) -> None:
        answer = b""
        while b"\r\n\r\n" not in answer:
            received = self.socket.recv(4096)
            answer += received
            if not received or b" 101 " not in answer[:20]:
                raise ConnectionError(f"the handshake was refused: {answer!r}")

    def authenticate(self, token: str) -> None:
        self.socket.sendall(self.frame(authentication(0, token)))
        answers: list[bytes] = []
        while not answers:
            answers = self.receive()
        if decode_answer(answers[0]).status != "success":
            raise ConnectionError(f"authenticate was refused: {answers[0]!r}")

    def frame(self, payload: bytes, opcode: int = TEXT) -> bytes:
        length = len(payload)
        mask = self.mask >> (8 * (LONGEST_PAYLOAD - length))
        masked = (int.from_bytes(payload) ^ mask).to_bytes(length)
        if length < 126:
            return struct.pack("!BB", opcode, 0x80 | length) + self.mask_bytes + masked
        return struct.pack("!BBH", opcode, 0xFE, length) + self.mask_bytes + masked

    def receive(self) -> list[bytes]:
        """The text messages that have arrived. Waits for some bytes, not for a whole message."""
        received = self.socket.recv(65536)
        if not received:
            raise ConnectionError("the server closed a connection")
        data = self.buffer + received
        messages, at, end = [], 0, len(data)
        while end - at >= 2:
            opcode, length, start = data[at], data[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(data[at + 2 : at + 4]), at + 4
            elif length == 127:
                length, start = int.from_bytes(data[at + 2 : at + 10]), at + 10
            if end < start + length:
                break
            at = start + length
            if opcode == TEXT:
                messages.append(data[start:at])
            else:
                self.control(opcode, data[start:at])
        self.buffer = data[at:]
        return messages

    def control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.socket.sendall(self.frame(payload, PONG))
        elif opcode == CLOSE:
            raise ConnectionError(f"the server closed a connection: {payload!r}")

    def close(self) -> None:
        self.socket.close()
