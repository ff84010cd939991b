"""HTTP clients that send any bytes, and leave at any time."""

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from io import BufferedReader
from typing import Any

from tests.server import SECONDS, Server, open_tcp


def request(
    server: Server,
    path: str,
    *,
    method: str = "GET",
    login: str | None = "bob",
    body: bytes = b"",
    headers: str = "",
) -> bytes:
    """The bytes of a request below `/api/rest`; `headers` are lines that end with CRLF."""
    token = f"Authorization: Bearer {server.database.access[login]}\r\n" if login else ""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    head = f"{method} /api/rest/{path} HTTP/1.1\r\nHost: {server.address}\r\n"
    return f"{head}{token}{length}{headers}\r\n".encode() + body


class KeptOpen:
    """A stream that an answer, once read, does not close: behind it is the next one."""

    def __init__(self, stream: BufferedReader) -> None:
        self.stream = stream

    def makefile(self, mode: str) -> Any:
        return self

    def close(self) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class RawHttp:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.stream: Any = KeptOpen(connection.makefile("rb"))

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self, method: str = "GET") -> tuple[int, Any]:
        """The next answer: status and content."""
        status, body, _ = self.read_whole(method)
        return status, json.loads(body) if body else None

    def read_whole(self, method: str = "GET") -> tuple[int, bytes, dict[str, str]]:
        response = HTTPResponse(self.stream, method=method)
        response.begin()
        body = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, body, headers


@contextmanager
def raw_http(server: Server) -> Iterator[RawHttp]:
    with open_tcp(server) as connection:
        client = RawHttp(connection)
        with client.stream.stream:
            yield client


@dataclass
class Waiter:
    """A connection of many, on an event loop."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def read(self) -> tuple[int, Any]:
        """The answer, after which the connection is closed."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), SECONDS)
        lines = head.decode().split("\r\n")
        lengths = [
            line.split(":")[1] for line in lines if line.lower().startswith("content-length")
        ]
        body = await self.reader.readexactly(int(lengths[0])) if lengths else b""
        self.writer.close()
        return int(lines[0].split()[1]), json.loads(body) if body else None


async def open_waiter(server: Server, data: bytes) -> Waiter:
    """Connect, send, and do not wait for an answer."""
    host, port = server.address.split(":")
    waiter = Waiter(*await asyncio.open_connection(host, int(port)))
    waiter.writer.write(data)
    await waiter.writer.drain()
    return waiter
