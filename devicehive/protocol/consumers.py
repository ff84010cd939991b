"""The WebSocket consumer: reads frames and answers them in order."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from devicehive.events.event import Event
from devicehive.log.lines import beside
from devicehive.log.outcomes import note_refusal
from devicehive.log.visitors import VISITOR, Visitor
from devicehive.protocol import calls, frames
from devicehive.protocol.actions import Batch
from devicehive.protocol.calls import Request
from devicehive.protocol.connections import Connection
from devicehive.protocol.frames import Unreadable
from devicehive.protocol.pace import Pace
from devicehive.protocol.sending import Sender
from devicehive.serving.addresses import has_left_of, host_of

logger = logging.getLogger(__name__)

UNSUPPORTED_DATA = 1003
MOST_PENDING = 64
"""How many saves of one connection may wait for their batch before its next frame is read; fewer if
together they are longer than MAX_MESSAGE_BYTES."""


class DeviceConsumer(AsyncWebsocketConsumer):
    """One WebSocket connection.

    Requests are handled strictly one after the other, with one exception: consecutive requests for
    the same action in batches (`device/save`) are submitted without waiting for each other, so that
    they can share a transaction. Any other request waits until those are answered.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Replace two parts of Channels that cost CPU for every frame.

        Channels' loop creates two tasks for each frame, to listen to the channel layer as well;
        here events reach the process once, not once per connection. Its `dispatch` switches to a
        thread and back to close old database connections, which costs 2.5 times as much as an echo;
        here each database thread keeps its own connection (`devicehive.serving.database`).
        """
        self.scope = scope
        sender = self.begin(send)
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
            self.connection.close()
            if sender:
                sender.close()

    def begin(self, send: Any) -> Sender | None:
        """Set the state of the connection up. Returns its sender if the server is another than
        `serve` and so has no extension for pushes."""
        scope, extensions = self.scope, self.scope.get("extensions") or {}
        self.visitor: Visitor = extensions.get("devicehive.visitor") or Visitor.of(scope)
        VISITOR.set(self.visitor)
        sender = None if "devicehive.push" in extensions else Sender(send, self.visitor)
        self.base_send = sender.send if sender else send
        # `serve` limits and delays unauthenticated clients and wasteful frames by what it is told
        # here. Other servers have no such extensions.
        self.note_known: Callable[[bool], None] = extensions.get("devicehive.known", _note_nothing)
        self.note_batched: Callable[[bool], None] = extensions.get(
            "devicehive.batched", _note_nothing
        )
        self.note_vain: Callable[[], None] = extensions.get("devicehive.vain", _note_nothing)
        # Not a bound method: consumer and connection would keep each other in memory.
        listener = partial(_push, sender.push if sender else extensions["devicehive.push"])
        withdrawn = partial(_forget, asyncio.get_running_loop(), self.note_known)
        self.connection = Connection(
            base_url=_base_url(scope),
            address=host_of(scope),
            has_left=has_left_of(scope),
            listener=listener,
            on_withdrawn=withdrawn,
        )
        limit = settings.MESSAGES_PER_SECOND
        self.pace = Pace(limit) if limit else None
        self.pending_batch: Batch | None = None
        """The batch of all pending requests; None if requests are handled one by one."""
        self.pending: deque[tuple[Request, asyncio.Future[Any]]] = deque()
        self.pending_bytes = 0
        self.answering: asyncio.Task[None] | None = None
        return sender

    async def websocket_connect(self, message: Any) -> None:
        await super().websocket_connect(message)
        logger.info("connected")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Handle one frame, and return when the next one may be read."""
        self.visitor.received += 1
        if text_data is None:
            await self.drain()
            logger.info("dropped", extra=beside(why="it sent a binary frame"))
            await self.close(code=UNSUPPORTED_DATA)
            return
        try:
            request = frames.read(text_data)
        except Unreadable as unreadable:
            await self.drain()
            self.begin_run(None)
            self.note_vain()
            note_refusal(unreadable.refused)
            await self.reply(unreadable.answer)
            return
        if self.pace is not None and (refused := self.pace.refusal()):
            await self.drain()
            await self.reply(frames.refusal(request, refused))
            return
        batch = request.action.batch
        if batch is not self.pending_batch:
            # The action is another than before, such as a notification after its device.
            await self.drain()
            self.begin_run(batch)
        if batch is None:
            outcome = calls.perform(self.connection, request)
            await self.reply(await frames.answer(request, outcome))
            self.note_known(self.connection.principal is not None)
        else:
            await self.queue(request, batch)

    def begin_run(self, batch: Batch | None) -> None:
        """Let `batch` execute the requests from now on, or with None handle them one by one."""
        self.pending_batch = batch
        self.note_batched(batch is not None)

    async def queue(self, request: Request, batch: Batch) -> None:
        """Submit a request to its batch; answer it later. Waits only if too many are pending."""
        self.pending.append((request, calls.submit(self.connection, request, batch)))
        self.pending_bytes += len(request.text)
        if self.answering is None:
            self.answering = asyncio.create_task(self.answer_pending())
        if len(self.pending) >= MOST_PENDING or self.pending_bytes > settings.MAX_MESSAGE_BYTES:
            await self.drain()

    async def answer_pending(self) -> None:
        """Answer the submitted requests in their order, each as soon as it is done."""
        while self.pending:
            request, submitted = self.pending[0]
            outcome = calls.finish(self.connection, request, submitted)
            text = await frames.answer(request, outcome)
            await self.reply(text)
            if not request.action.needs:
                self.note_known(self.connection.principal is not None)
            self.pending.popleft()
            self.pending_bytes -= len(request.text)
        self.answering = None

    async def drain(self) -> None:
        """Wait until all submitted requests are answered."""
        if self.answering is not None:
            await self.answering

    async def reply(self, text: str) -> None:
        """Send an answer, then start the subscriptions that the request has opened."""
        message = {"type": "websocket.send", "text": text}
        # The server takes the text out of the message. Without `del`, this coroutine would hold a
        # second copy while the client does not read.
        del text
        await self.base_send(message)
        self.connection.start_opened()

    async def websocket_disconnect(self, message: Any) -> None:
        """Answer all received requests, then end. A server that stops sends this message, too."""
        await self.drain()
        self.say_closed(message.get("code"))
        raise StopConsumer

    def say_closed(self, code: int | None) -> None:
        visitor = self.visitor
        members = {
            "code": code,
            "seconds": round(monotonic() - visitor.since, 1),
            "received": visitor.received,
            "sent": visitor.sent,
            "refused": visitor.refused or None,
        }
        logger.info("closed", extra=beside(**members))


def _note_nothing(*about: Any) -> None:
    """Stands in for an extension that a server does not offer."""


def _push(send: Callable[[bytes, bytes], None], event: Event, subscription_id: int) -> None:
    """Send an event, without waiting for the client to read it."""
    send(frames.push_head(event), frames.push_tail(subscription_id))


def _forget(loop: asyncio.AbstractEventLoop, note_known: Callable[[bool], None]) -> None:
    """Tell the server that the client's principal was withdrawn, so that it has to authenticate in
    time again (R-45)."""
    loop.call_soon_threadsafe(note_known, False)


def _base_url(scope: Any) -> str:
    """The address that the client used, as `http(s)://host[:port]/context`, for `restServerUrl`."""
    headers = dict(scope["headers"])
    host = headers.get(b"host", b"").decode("latin1")
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    prefix = scope.get("root_path", "")
    context, found, _ = scope["path"].removeprefix(prefix).partition("/websocket")
    return f"{scheme}://{host}{prefix}{context if found else ''}"
