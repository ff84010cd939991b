"""The server: daphne, with our own connections, and with a drain on SIGTERM.

It departs from daphne 4.2 only where tests in tests/faults require it: daphne drops all sockets on
SIGTERM, and checks the timeouts of all connections at once.
"""

import asyncio
import logging
import math
import os
import signal
import socket
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any

from daphne.server import Server
from django.conf import settings
from twisted.internet import reactor

from devicehive.events import fanout
from devicehive.log.lines import beside
from devicehive.log.starts import note_start
from devicehive.log.visitors import Visitor
from devicehive.protocol import polls
from devicehive.serving import pruning
from devicehive.serving.addresses import address_of
from devicehive.serving.arrivals import ArrivalPort, Arrivals, build_while_slow
from devicehive.serving.attending import Attending
from devicehive.serving.connection_levels import tell_of
from devicehive.serving.descriptors import build_while_descriptors_last, raise_descriptor_limit
from devicehive.serving.garbage import leave_what_is_used
from devicehive.serving.handshakes import deny_stranger, options_of
from devicehive.serving.http_channel import DeviceChannel, log_nothing
from devicehive.serving.inbox import Inbox
from devicehive.serving.processes import STOP_SIGNALS, exit_soon, take_signals
from devicehive.serving.requests import DeviceRequest
from devicehive.serving.sockets import DeviceProtocol
from devicehive.serving.turns import Turns

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 2
SWEEP_SLICES = 40
CLOSE_SECONDS = 1
"""How long a stopping server waits for clients to answer the close frame."""


class DeviceServer(Server):
    """Runs until SIGTERM or SIGINT, then answers what it has received and returns."""

    def __init__(self, application: Any, *, listening: socket.socket) -> None:
        # Twisted's timers use a clock that can be set; if it is set back, all of them would wait.
        timers: Any = reactor
        timers.seconds = monotonic
        super().__init__(
            application,
            endpoints=["not used: daphne's listen on IPv4 only"],
            signal_handlers=False,
            websocket_timeout=-1,  # Daphne's default ends every connection after a day.
            websocket_max_message_size=settings.MAX_MESSAGE_BYTES,
            websocket_max_frame_size=settings.MAX_MESSAGE_BYTES,
            proxy_forwarded_address_header="X-Forwarded-For" if settings.TRUST_PROXY else None,
            ready_callable=self.prepare,
            server_name="devicehive",
        )
        self.endpoints.clear()
        self.listening = listening
        self.turns = Turns()
        self.ports: list[Any] = []
        self.stopping: asyncio.Task[None] | None = None
        self.empty = asyncio.Event()
        """Set when the last connection is closed."""

    def prepare(self) -> None:
        """Set everything up. daphne calls this when its factories exist, before the reactor
        runs."""
        self.http_factory.protocol = DeviceChannel
        self.http_factory.log = log_nothing
        build = self.http_factory.buildProtocol
        build = partial(build_while_descriptors_last, build)
        self.http_factory.buildProtocol = partial(build_while_slow, Arrivals(), build)
        self.ws_factory.protocol = DeviceProtocol
        # failByDrop=False: a message that is too long is answered with 1009. `check_timeouts` ends
        # handshakes that take too long.
        self.ws_factory.setProtocolOptions(failByDrop=False, openHandshakeTimeout=0)
        self.ws_factory.options = options_of(self.ws_factory)
        self.listen()
        loop = asyncio.get_event_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self.drain)
        # The event loop reads a byte for each signal. When a flood of signals fills the buffer,
        # CPython 3.11 wants to warn of that from inside the handler, and can deadlock there.
        signal.set_wakeup_fd(signal.set_wakeup_fd(-1), warn_on_full_buffer=False)
        loop.call_soon(self.join)
        raise_descriptor_limit()
        take_signals()
        leave_what_is_used()

    def listen(self) -> None:
        self.listen_success(ArrivalPort.adopt(self.listening, self.http_factory))

    def join(self) -> None:
        """Start the background tasks: events, pruning and presence. The event loop runs now."""
        self.fanout = fanout.start_telling()
        self.pruning = pruning.start_pruning()
        self.attending = Attending()
        tell_of(self.connections)

    def listen_success(self, port: Any) -> None:
        self.ports.append(port)
        note_start(port)
        super().listen_success(port)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] == "http":
            answering = self.application(scope, protocol.receive, protocol.send)
            self.start_application(protocol, answering)
            return None
        inbox = Inbox(protocol)
        visitor = Visitor.of(scope)
        protocol.come_from(address_of(scope), visitor)
        scope["asgi"] = {"version": "3.0"}
        scope["extensions"] = {
            "devicehive.batched": protocol.note_batched,
            "devicehive.push": protocol.push,
            "devicehive.known": protocol.know,
            "devicehive.left": partial(self.has_left, protocol),
            "devicehive.vain": protocol.waste_unless_last,
            "devicehive.visitor": visitor,
            "websocket.http.response": {},
        }
        full = protocol.address.has_too_many_strangers
        application = deny_stranger if full else self.application
        send = partial(self.handle_reply, protocol)
        self.start_application(protocol, application(scope, inbox.get, send))
        return inbox

    def start_application(self, protocol: Any, application: Any) -> None:
        """Run the application of a request or connection, a coroutine, as a task."""
        running = asyncio.create_task(application)
        self.connections[protocol]["application_instance"] = running
        running.add_done_callback(partial(self.application_done, protocol))

    def has_left(self, protocol: Any) -> bool:
        """Whether the client is gone. Any thread may call this."""
        return "disconnected" in self.connections.get(protocol, ("disconnected",))

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            protocol.serverSend(message.pop("text"))
        elif message["type"] == "websocket.http.response.start":
            protocol.deny(message["status"])
        elif message["type"] != "websocket.http.response.body":
            await super().handle_reply(protocol, message)
        if protocol.resumed is not None:
            # Backpressure: the consumer waits here, and handles no more requests meanwhile.
            await protocol.resumed

    # Once a second, daphne checks all connections for applications that have ended, which with
    # 10,000 connections stalls all of them. Here the end of each task calls `application_done`.

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
        elif isinstance(protocol, DeviceProtocol):
            protocol.part()
        else:
            protocol.give_up()

    def protocol_disconnected(self, protocol: Any) -> None:
        if protocol not in self.connections:
            return  # For a refused handshake this is called twice: when refused and when closed.
        super().protocol_disconnected(protocol)
        application = self.connections[protocol].get("application_instance")
        if application is None or application.done():
            self.forget(protocol)
        elif not (isinstance(protocol, DeviceRequest) and protocol.finished):
            # The application of an HTTP request that is answered ends by itself.
            loop = asyncio.get_running_loop()
            loop.call_later(self.application_close_timeout, application.cancel)

    def forget(self, protocol: Any) -> None:
        del self.connections[protocol]
        if isinstance(protocol, DeviceProtocol):
            del protocol.application_queue  # It would form a reference cycle with the protocol.
        if not self.connections:
            self.empty.set()

    def timeout_checker(self) -> None:
        """Check timeouts like daphne, but only a slice of the connections at a time."""
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
        polls.waiting.stop()
        if self.stopping is None:
            self.stopping = asyncio.ensure_future(self.finish())

    async def finish(self) -> None:
        """Stop accepting, answer what has been received, close with 1012, stop the reactor."""
        logger.info("draining", extra=beside(connections=len(self.connections)))
        for port in self.ports:
            port.stopListening()
        sockets = [each for each in self.connections if isinstance(each, DeviceProtocol)]
        for each in sockets:
            each.drain()
        applications = [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details
        ]
        self.pruning.cancel()
        if applications:
            await asyncio.wait(applications, timeout=settings.DRAIN_SECONDS)
        await self.attending.stop()
        await self.fanout.stop()
        for each in sockets:
            if each in self.connections:
                each.say_goodbye()
        self.empty.clear()
        if self.connections:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.empty.wait(), CLOSE_SECONDS)
        logger.info("stopped", extra=beside(process=os.getpid()))
        exit_soon()
        self.stop()

    def kill_all_applications(self) -> None:
        """Do nothing: `finish` has waited for the applications, and the rest are out of time."""
