"""The WebSocket consumer: frames in, answers out, in order."""

import asyncio
import logging
from collections import deque
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from devicehive import actions, database
from devicehive.actions import Caller, Request, Runs
from devicehive.errors import Refused

logger = logging.getLogger(__name__)

UNSUPPORTED_DATA = 1003
MOST_PENDING = 64
"""Saves of one connection that may wait for their commit before its next frame is read; fewer if
together they are longer than one MAX_MESSAGE_BYTES."""


class DeviceConsumer(AsyncWebsocketConsumer):
    """One connection.

    Requests are handled strictly one after the other, with one exception: a run of requests
    that are committed in batches (`device/save`) is submitted frame by frame without waiting,
    so that they can share a transaction. Anything else waits until those are answered.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Replaces two things of Channels' that cost every frame of every socket.

        Its loop creates two tasks a frame to listen to the channel layer as well; events reach
        this process once, not once a connection. Its `dispatch` hops to a thread and back to
        close old database connections, 2.5 times the cost of an echo; here they are returned
        where they are used (`devicehive.database`).
        """
        self.scope = scope
        self.base_send = send
        self.caller = Caller(base_url=_base_url(scope))
        self.pending: deque[tuple[Request, asyncio.Future[Refused | None]]] = deque()
        self.pending_bytes = 0
        self.answering: asyncio.Task[None] | None = None
        handlers = {
            "websocket.connect": self.websocket_connect,
            "websocket.receive": self.websocket_receive,
            "websocket.disconnect": self.websocket_disconnect,
        }
        try:
            while True:
                message = await receive()
                await handlers[message["type"]](message)
        except StopConsumer:
            pass

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data is None:
            await self.settled()
            await self.close(code=UNSUPPORTED_DATA)
            return
        request = actions.read(text_data)
        if request is None:
            await self.settled()
            await self.send(text_data=actions.MALFORMED)
            return
        try:
            action = request.action
            if action.commit is not None:
                queue = database.commit_queue(action.commit)
                self.pending.append((request, queue.submit(action.prepare(self.caller, request))))
                self.pending_bytes += len(text_data)
                if self.answering is None:
                    self.answering = asyncio.create_task(self.answer_pending())
                if (
                    len(self.pending) >= MOST_PENDING
                    or self.pending_bytes > settings.MAX_MESSAGE_BYTES
                ):
                    await self.settled()
                return
        except Refused as refused:
            answer = request.refuse(refused)
            await self.settled()
        except Exception:
            answer = request.fail()
            await self.settled()
        else:
            await self.settled()
            if action.runs is Runs.INLINE:
                answer = request.execute(self.caller)
            else:
                answer = await database.run(action.runs, request.execute, self.caller)
        await self.send(text_data=answer)

    async def answer_pending(self) -> None:
        """Answer the submitted requests in their order, each when it is committed."""
        while self.pending:
            request, committed = self.pending[0]
            try:
                refused = await committed
                answer = request.refuse(refused) if refused else request.answer()
            except Exception:
                answer = request.fail()
            await self.send(text_data=answer)
            self.pending.popleft()
            self.pending_bytes -= len(request.text)
        self.answering = None

    async def settled(self) -> None:
        """Wait until all submitted requests are answered."""
        if self.answering is not None:
            await self.answering

    async def websocket_disconnect(self, message: Any) -> None:
        """Also how the server says that it stops: what was received is answered first."""
        await self.settled()
        raise StopConsumer


def _base_url(scope: Any) -> str:
    """`http(s)://host[:port]/context` of the handshake, for `restServerUrl`."""
    headers = dict(scope["headers"])
    host = headers.get(b"host", b"").decode("latin1")
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    context, found, _ = scope["path"].partition("/websocket")
    return f"{scheme}://{host}{context if found else ''}"
