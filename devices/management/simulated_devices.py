"""Simulated devices that connect by WebSocket or by REST."""

import asyncio
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import Protocol, Self
from urllib.parse import quote, urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect

SECURE_PORT, PORT = 443, 80

State = dict[str, object]


class SimulatedDevice(Protocol):
    """A persistent connection. Its methods return the server's error, or None."""

    @classmethod
    async def connect(cls, url: str, token: str, connections: AsyncExitStack) -> Self: ...

    async def authenticate(self) -> str | None: ...

    async def save(self, id_: str, device: State) -> str | None: ...


class SocketDevice:
    def __init__(self, socket: ClientConnection, token: str) -> None:
        self.socket = socket
        self.token = token

    @classmethod
    async def connect(cls, url: str, token: str, connections: AsyncExitStack) -> Self:
        return cls(await connections.enter_async_context(connect(url, compression=None)), token)

    async def authenticate(self) -> str | None:
        return await self._ask({"action": "authenticate", "token": self.token})

    async def save(self, id_: str, device: State) -> str | None:
        return await self._ask({"action": "device/save", "deviceId": id_, "device": device})

    async def _ask(self, request: dict[str, object]) -> str | None:
        await self.socket.send(msgspec.json.encode(request).decode())
        answer = msgspec.json.decode(await self.socket.recv())
        return None if answer["status"] == "success" else str(answer["error"])


class RestDevice:
    """A device that speaks REST, over one connection for all its requests."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, url: str, token: str
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.url = urlsplit(url)
        self.headers = f"Host: {self.url.netloc}\r\nAuthorization: Bearer {token}\r\n"

    @classmethod
    async def connect(cls, url: str, token: str, connections: AsyncExitStack) -> Self:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        port = parts.port or (SECURE_PORT if secure else PORT)
        reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure or None)
        connections.callback(writer.close)
        return cls(reader, writer, url=url, token=token)

    async def authenticate(self) -> str | None:
        """Send a first request to see whether the token is accepted; each request carries it."""
        return await self._ask("GET", "device/count")

    async def save(self, id_: str, device: State) -> str | None:
        return await self._ask("PUT", f"device/{quote(id_)}", msgspec.json.encode(device))

    async def _ask(self, method: str, path: str, body: bytes = b"") -> str | None:
        line = f"{method} {self.url.path}/{path} HTTP/1.1\r\n"
        length = f"Content-Length: {len(body)}\r\n\r\n"
        self.writer.write((line + self.headers + length).encode() + body)
        status, content = await self._read()
        return (
            str(msgspec.json.decode(content)["message"])
            if status >= HTTPStatus.BAD_REQUEST
            else None
        )

    async def _read(self) -> tuple[int, bytes]:
        """The next answer. Raises asyncio.IncompleteReadError if the server closes."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin1").lower()
        line, *headers = head.split("\r\n")
        lengths = [each.split(":")[1] for each in headers if each.startswith("content-length:")]
        content = await self.reader.readexactly(int(lengths[0])) if lengths else b""
        return int(line.split()[1]), content
