"""The WebSocket consumer: frames in, answers out, in order."""

import asyncio
import logging
from collections import deque
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from devicehive.protocol import calls
from devicehive.protocol.actions import Caller, Commit, Runs
from devicehive.protocol.calls import Request
from devicehive.protocol.refusals import Refused
from devicehive.serving import database

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
        where they are used (`devicehive.serving.database`).
        """
        self.scope = scope
        self.base_send = send
        self.caller = Caller(base_url=_base_url(scope), push=scope["extensions"]["devicehive.push"])
        self.pending: deque[tuple[Request, asyncio.Future[Any]]] = deque()
        self.pending_commit: Commit | None = None
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
        finally:
            self.caller.close()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data is None:
            await self.settled()
            await self.close(code=UNSUPPORTED_DATA)
            return
        request = calls.read(text_data)
        if request is None:
            await self.settled()
            await self.answer(calls.MALFORMED)
            return
        try:
            action = request.action
            if action.commit is not None and await self.submitted(request, action.commit):
                return
        except Refused as refused:
            await self.settled()
            await self.answer(request.refuse(refused))
            return
        await self.settled()
        if action.runs is Runs.INLINE:
            await self.answer(request.execute(self.caller))
        else:
            await self.answer(await database.run(action.runs, request.execute, self.caller))

    async def submitted(self, request: Request, commit: Commit) -> bool:
        """Queue a request for its commit; its answer follows. Raises Refused.

        False if it is to be executed by itself: something is wrong with it, but first of all it
        may name a target that the caller must not know of.
        """
        try:
            item = request.action.prepare(self.caller, request, gate=False)
        except Exception:
            return False
        if self.pending_commit is not commit:
            # Another action than the ones before, such as a notification after its device.
            await self.settled()
            self.pending_commit = commit
        self.pending.append((request, database.commit_queue(commit).submit(item)))
        self.pending_bytes += len(request.text)
        if self.answering is None:
            self.answering = asyncio.create_task(self.answer_pending())
        if len(self.pending) >= MOST_PENDING or self.pending_bytes > settings.MAX_MESSAGE_BYTES:
            await self.settled()
        return True

    async def answer_pending(self) -> None:
        """Answer the submitted requests in their order, each when it is committed."""
        while self.pending:
            request, committed = self.pending[0]
            try:
                answer = request.answer(await committed)
            except Exception:
                answer = request.fail()
            await self.answer(answer)
            self.pending.popleft()
            self.pending_bytes -= len(request.text)
        self.answering = None

    async def answer(self, text: str) -> None:
        await self.send(text_data=text)
        self.caller.start_opened()

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
