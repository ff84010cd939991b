"""How a connection sends: as `serve` offers it, or by `send` under any other ASGI server."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from devicehive.log.lines import beside
from devicehive.log.visitors import Visitor

logger = logging.getLogger(__name__)

OVERFLOW = 4500
"""As the reference server closes a session that does not keep up."""
MOST_BACKLOG_BYTES = 16_777_216
"""Events that may wait for one subscriber to read those before."""
TOO_SLOW = "it reads more slowly than it is told"
LEFT = (OSError, RuntimeError)
"""What `send` raises when the client has left: the first by ASGI, the second by uvicorn."""


class Sender:
    """Sends in order what is answered and what is pushed, and nothing after a close.

    ASGI's `send` has to be waited for. So each push is a task here, which is what the extension
    `devicehive.push` spares.
    """

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]], visitor: Visitor) -> None:
        self._send = send
        self._visitor = visitor
        self._turn = asyncio.Lock()  # First come, first served.
        self._pushes: set[asyncio.Task[None]] = set()
        self._backlog = 0
        self._is_closing = False

    async def send(self, message: dict[str, Any]) -> None:
        """Send when all that came before is sent."""
        if self._is_closing:
            return
        self._is_closing = message["type"] == "websocket.close"
        self._visitor.sent += not self._is_closing
        with suppress(*LEFT):  # The consumer is told of it by `websocket.disconnect`.
            async with self._turn:
                await self._send(message)

    def push(self, head: bytes, tail: bytes) -> None:
        """Send what nobody asked for, without waiting."""
        text = (head + tail).decode()
        if self._backlog > MOST_BACKLOG_BYTES:
            logger.info("dropped", extra=beside(self._visitor, why=TOO_SLOW))
            self._start({"type": "websocket.close", "code": OVERFLOW})
        else:
            self._start({"type": "websocket.send", "text": text})

    def _start(self, message: dict[str, Any]) -> None:
        if self._is_closing:
            return
        length = len(message.get("text", ""))
        self._backlog += length
        task = asyncio.get_running_loop().create_task(self.send(message))
        self._pushes.add(task)  # The loop itself would let it be collected.
        task.add_done_callback(lambda done: self._finish(done, length))

    def _finish(self, task: "asyncio.Task[None]", length: int) -> None:
        self._pushes.discard(task)
        self._backlog -= length

    def close(self) -> None:
        """Send nothing more, also of what waits."""
        self._is_closing = True
        for task in self._pushes:
            task.cancel()
