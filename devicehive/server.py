"""Daphne, with limits in both directions, a drain on SIGTERM and the protocol's close codes.

Each departure from daphne stands on a behaviour of daphne 4.2 that tests/faults hold it to:
it buffers without bound what a client sends and what a client does not read, drops all sockets
on SIGTERM, cannot close with 1003, 1009 or 1012, and sweeps over all connections at once.
"""

import asyncio
import logging
import math
import os
import struct
import threading
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any

from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from django.conf import settings

from devicehive import fanout, pruning
from devicehive.processes import STOP_SIGNALS, take_signals

logger = logging.getLogger(__name__)

SERVICE_RESTART = 1012
OVERFLOW = 4500
"""As the reference server closes a session that does not keep up."""
MOST_BACKLOG_BYTES = 16_777_216
"""Events that may wait for one subscriber to read those before."""
MOST_QUEUED_MESSAGES = 64
"""Messages of one connection that wait for the consumer before its socket is left unread."""
SWEEP_SECONDS = 2
SWEEP_SLICES = 40
CLOSE_SECONDS = 1
"""How long a stopping server waits for its clients to answer the close frame."""
EXIT_SECONDS = 0.5
"""How long it waits for threads after that."""


class Inbox(asyncio.Queue[dict[str, Any]]):
    """What a client sent and its consumer has not taken yet.

    Above MOST_QUEUED_MESSAGES or one MAX_MESSAGE_BYTES the socket is not read, so that a client
    that floods is slowed down by TCP and costs no memory.
    """

    def __init__(self, protocol: "DeviceProtocol") -> None:
        super().__init__()
        self.protocol = protocol
        self.waiting_bytes = 0
        self.paused = False

    def _put(self, item: dict[str, Any]) -> None:
        super()._put(item)  # the hook that asyncio's PriorityQueue uses
        self.waiting_bytes += len(item.get("text", ""))
        if not self.paused and (
            self.qsize() > MOST_QUEUED_MESSAGES or self.waiting_bytes > settings.MAX_MESSAGE_BYTES
        ):
            self.paused = True
            self.protocol.transport.pauseProducing()

    def _get(self) -> dict[str, Any]:
        item: dict[str, Any] = super()._get()
        self.waiting_bytes -= len(item.get("text", ""))
        if self.paused and self.empty():
            self.paused = False
            self.protocol.resume_reading()
        return item


def frame_header(length: int) -> bytes:
    """The header of an unmasked, unfragmented text frame (RFC 6455, 5.2)."""
    if length < 126:
        return bytes((0x81, length))
    if length < 65_536:
        return struct.pack("!BBH", 0x81, 126, length)
    return struct.pack("!BBQ", 0x81, 127, length)


class DeviceProtocol(WebSocketProtocol):
    """One WebSocket connection. Also the producer that its transport pauses and resumes."""

    resumed: asyncio.Future[None] | None = None
    """Set while more than MAX_UNSENT_BYTES wait to be sent; done when they are."""
    draining = False

    def connectionMade(self) -> None:
        super().connectionMade()
        self.backlog: deque[bytes] = deque()
        """Frames that wait until then."""
        self.backlog_bytes = 0
        # Until now the producer was the HTTP channel that took the upgrade request.
        self.transport.unregisterProducer()
        self.transport.bufferSize = settings.MAX_UNSENT_BYTES
        self.transport.registerProducer(self, streaming=True)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self.muted or self.draining:
            return
        key = "bytes" if isBinary else "text"
        content = payload if isBinary else payload.decode()
        self.application_queue.put_nowait({"type": "websocket.receive", key: content})

    def dataReceived(self, data: bytes) -> None:
        # Without autobahn's own, which formats a log line a frame that nobody reads.
        self._dataReceived(data)

    def push(self, text: str) -> None:
        """Send what nobody asked for, without waiting: the ASGI extension `devicehive.push`."""
        if self.backlog_bytes > MOST_BACKLOG_BYTES:
            # It reads, but more slowly than it is told. What it has not got is lost to it.
            logger.info("%s does not keep up: closed", self.peer)
            self.serverClose(OVERFLOW)
        else:
            self.serverSend(text)

    def serverSend(self, content: str, binary: bool = False) -> None:
        """Send a text frame; no handler sends binary ones.

        Not by autobahn's sendMessage: it refuses what is longer than we are willing to receive,
        and costs as much as all the rest of an echo. A server's frame is a header and the text
        (RFC 6455, 5.2).
        """
        if self.state != self.STATE_OPEN:
            return
        payload = content.encode()
        frame = frame_header(len(payload)) + payload
        if self.resumed is None:
            self.write(frame)
        else:
            self.backlog.append(frame)
            self.backlog_bytes += len(frame)

    def write(self, data: bytes) -> None:
        """Send at once what the system takes; the rest when the socket is writable again.

        The transport's own write waits for the loop's next turn and two calls of epoll.
        """
        transport = self.transport
        if transport.dataBuffer or transport._tempDataBuffer or not transport.connected:
            transport.write(data)
            return
        sent = transport.writeSomeData(data)
        if not isinstance(sent, int):
            transport.connectionLost(sent)
        elif sent < len(data):
            transport.write(data[sent:])

    def serverClose(self, code: int | None = None) -> None:
        # Not sendClose: it allows 1000 and 3000 to 4999 only, which is the rule for applications.
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=1000 if code is None else code)
        # Nothing may follow a close frame.
        self.backlog.clear()
        self.backlog_bytes = 0

    def resume_reading(self) -> None:
        """Unless there is another reason not to."""
        if not (self.draining or self.resumed or self.application_queue.paused):
            self.transport.resumeProducing()

    def pauseProducing(self) -> None:
        """The transport's buffer is full: the client does not read as fast as it asks."""
        if self.resumed is None:
            self.resumed = asyncio.get_running_loop().create_future()
            self.watch(self.resumed, self.unsent)
            # Its pings too would be answered into the buffer.
            self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """The transport's buffer is empty: send what waited for it, and then take requests."""
        self.release()
        while self.backlog and self.resumed is None:
            frame = self.backlog.popleft()
            self.backlog_bytes -= len(frame)
            self.write(frame)
        self.resume_reading()

    def stopProducing(self) -> None:
        """The connection is lost."""
        self.backlog.clear()
        self.release()

    def release(self) -> None:
        if self.resumed is not None:
            self.resumed.set_result(None)
            self.resumed = None

    @property
    def unsent(self) -> int:
        """Bytes in the transport's buffer."""
        transport = self.transport
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

    def watch(self, resumed: "asyncio.Future[None]", unsent: int) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(settings.UNSENT_SECONDS, self.drop_unless_read, resumed, unsent)

    def drop_unless_read(self, resumed: "asyncio.Future[None]", unsent: int) -> None:
        """A slow client is waited for as long as it takes something in UNSENT_SECONDS."""
        if resumed.done():
            return
        if self.unsent < unsent:
            self.watch(resumed, self.unsent)
        else:
            logger.info("%s left %d bytes unread: dropped", self.peer, unsent)
            self.transport.abortConnection()

    def drain(self) -> None:
        """Read no more, and tell the consumer that after what it has there is nothing."""
        self.draining = True
        self.transport.pauseProducing()
        if hasattr(self, "application_queue"):
            self.application_queue.put_nowait(
                {"type": "websocket.disconnect", "code": SERVICE_RESTART}
            )

    def say_goodbye(self) -> None:
        self.serverClose(SERVICE_RESTART)
        self.transport.resumeProducing()  # For the client's own close frame.


class DeviceServer(Server):
    """Runs until SIGTERM or SIGINT, then answers what it has received and returns."""

    def __init__(self, application: Any, *, endpoint: str) -> None:
        forwarded = settings.TRUST_PROXY
        super().__init__(
            application,
            endpoints=[endpoint],
            signal_handlers=False,
            ping_interval=settings.PING_SECONDS,
            websocket_timeout=-1,  # Daphne's default ends every connection after a day.
            websocket_max_message_size=settings.MAX_MESSAGE_BYTES,
            websocket_max_frame_size=settings.MAX_MESSAGE_BYTES,
            proxy_forwarded_address_header="X-Forwarded-For" if forwarded else None,
            proxy_forwarded_proto_header="X-Forwarded-Proto" if forwarded else None,
            ready_callable=self.prepare,
            server_name="devicehive",
        )
        self.ports: list[Any] = []
        self.stopping: asyncio.Task[None] | None = None
        self.empty = asyncio.Event()
        """Set when the last connection has gone."""

    def prepare(self) -> None:
        """Daphne calls this when its factories exist and the reactor does not run yet."""
        self.ws_factory.protocol = DeviceProtocol
        # Otherwise a message that is too long ends the connection without its 1009.
        self.ws_factory.setProtocolOptions(failByDrop=False)
        loop = asyncio.get_event_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self.drain)
        loop.call_soon(self.join)
        take_signals()

    def join(self) -> None:
        """Begin what happens beside connections, now that the event loop runs."""
        self.fanout = fanout.start()
        self.pruning = pruning.start()

    def listen_success(self, port: Any) -> None:
        self.ports.append(port)
        super().listen_success(port)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] != "websocket":
            return self.watched(protocol, super().create_application(protocol, scope))
        inbox = Inbox(protocol)
        scope["asgi"] = {"version": "3.0"}
        scope["extensions"] = {"devicehive.push": protocol.push}
        application = self.application(
            scope=scope, receive=inbox.get, send=partial(self.handle_reply, protocol)
        )
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(application)
        return self.watched(protocol, inbox)

    def watched(self, protocol: Any, inbox: Any) -> Any:
        details = self.connections.get(protocol)
        if details:
            details["application_instance"].add_done_callback(
                partial(self.application_done, protocol)
            )
        return inbox

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            protocol.serverSend(message["text"])
        else:
            await super().handle_reply(protocol, message)
        if isinstance(protocol, DeviceProtocol) and protocol.resumed is not None:
            # Its consumer waits here, so it takes no more requests whose answers pile up.
            await protocol.resumed

    # Daphne looks at every connection once a second for applications that have ended, which with
    # 10,000 connections stalls all of them. Here the end of each is an event.

    def application_checker(self) -> None:
        pass

    def application_done(self, protocol: Any, application: "asyncio.Task[None]") -> None:
        details = self.connections.get(protocol, {})
        error = None if application.cancelled() else application.exception()
        if error:
            logger.error("a connection's application failed", exc_info=error)
            if "disconnected" not in details:
                protocol.handle_exception(error)
        if "disconnected" in details:
            self.forget(protocol)

    def protocol_disconnected(self, protocol: Any) -> None:
        super().protocol_disconnected(protocol)
        application = self.connections[protocol].get("application_instance")
        if application is None or application.done():
            self.forget(protocol)
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(self.application_close_timeout, application.cancel)

    def forget(self, protocol: Any) -> None:
        del self.connections[protocol]
        if not self.connections:
            self.empty.set()

    def timeout_checker(self) -> None:
        """As daphne's, but a slice of the connections at a time, never all at once."""
        self.sweep(list(self.connections), SWEEP_SLICES)

    def sweep(self, connections: list[Any], slices: int) -> None:
        size = math.ceil(len(connections) / slices)
        for protocol in connections[:size]:
            if protocol in self.connections:
                protocol.check_timeouts()
        loop, pause = asyncio.get_running_loop(), SWEEP_SECONDS / SWEEP_SLICES
        if slices == 1:
            loop.call_later(pause, self.timeout_checker)
        else:
            loop.call_later(pause, self.sweep, connections[size:], slices - 1)

    def drain(self) -> None:
        if self.stopping is None:
            self.stopping = asyncio.ensure_future(self.finish())

    async def finish(self) -> None:
        """Stop accepting, answer what has been received, close with 1012, stop the reactor."""
        for port in self.ports:
            port.stopListening()
        sockets = [each for each in self.connections if isinstance(each, DeviceProtocol)]
        for socket in sockets:
            socket.drain()
        applications = [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details
        ]
        self.pruning.cancel()
        if applications:
            await asyncio.wait(applications, timeout=settings.DRAIN_SECONDS)
        await self.fanout.stop()
        for socket in sockets:
            if socket in self.connections:
                socket.say_goodbye()
        self.empty.clear()
        if self.connections:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.empty.wait(), CLOSE_SECONDS)
        # Python waits for its threads in the end, and one may hang in the database.
        limit = threading.Timer(EXIT_SECONDS, os._exit, args=[0])
        limit.daemon = True
        limit.start()
        self.stop()

    def kill_all_applications(self) -> None:
        """Nothing left to kill: `finish` waited, and what is still there is over time."""
