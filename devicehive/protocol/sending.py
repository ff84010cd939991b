"""Sends answers and events under any ASGI server; `serve` has a faster way of its own."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from devicehive.log.lines import beside
from devicehive.log.visitors import Visitor

logger = logging.getLogger(__name__)

OVERFLOW = 4500
"""The close code of the reference server for a session that does not keep up."""
MOST_BACKLOG_BYTES = 16_777_216
"""How many bytes of events may wait for a client that does not read."""
TOO_SLOW = "it reads more slowly than events come"
LEFT = (OSError, RuntimeError)
"""What `send` raises when the client has left: OSError by ASGI, RuntimeError by uvicorn."""


class Sender:
    """Sends answers and pushes in order, and nothing after a close.

    ASGI's `send` has to be awaited, so each push needs a task. The extension `devicehive.push`
    avoids that.
    """

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]], visitor: Visitor) -> None:
        self._send = send
        self._visitor = visitor
        self._turn = asyncio.Lock()  # Fair: tasks get it in the order in which they wait.
        self._pushes: set[asyncio.Task[None]] = set()
        self._backlog = 0
        self._is_closing = False

    async def send(self, message: dict[str, Any]) -> None:
        """Send a message after all earlier ones."""
        if self._is_closing:
            return
        self._is_closing = message["type"] == "websocket.close"
        self._visitor.sent += not self._is_closing
        with suppress(*LEFT):  # The consumer learns that by `websocket.disconnect`.
            async with self._turn:
                await self._send(message)

    def push(self, head: bytes, tail: bytes) -> None:
        """Send an event without waiting, or close with 4500 if too many wait already."""
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
        self._pushes.add(task)  # The loop has only weak references to tasks.
        task.add_done_callback(lambda done: self._finish(done, length))

    def _finish(self, task: "asyncio.Task[None]", length: int) -> None:
        self._pushes.discard(task)
        self._backlog -= length

    def close(self) -> None:
        """Send nothing more, and discard the messages that wait."""
        self._is_closing = True
        for task in self._pushes:
            task.cancel()
