"""A bounded queue of HTTP requests for Django, which handles only a few at once.

Django uses a thread, with a database connection, for each request that it is given. Without the
queue, anybody could use up the connections that WebSockets need.
"""

import asyncio
from contextlib import ExitStack
from typing import Any

from django.conf import settings

from devicehive.log.visitors import VISITOR, Visitor
from devicehive.protocol.refusals import LaterRefusal, Refused
from devicehive.serving.addresses import address_of
from devicehive.serving.capacity import Capacity
from devicehive.serving.pulse import pulse

MOST_REQUESTS = 64
"""How many requests a process handles or keeps waiting: at some 10 ms each, 0.2 s of work for four
threads."""
MOST_REQUESTS_OF_ADDRESS = 24
"""The limit for one address, so that none fills the queue alone; a browser sends six at once."""
BUSY = LaterRefusal.UNAVAILABLE.text.encode()


class HttpQueue:
    """An ASGI application that answers 503 when too many requests wait for the one behind it."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.running = asyncio.Semaphore(settings.HTTP_THREADS)
        self.capacity = Capacity(MOST_REQUESTS, MOST_REQUESTS_OF_ADDRESS)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        VISITOR.set(Visitor.of(scope))
        with ExitStack() as stack:
            try:
                stack.enter_context(self.capacity.hold(address_of(scope)))
                pulse().check()
            except Refused:
                await refuse_busy(send)
                return
            await self.answer(scope, receive, Page(send))

    async def answer(self, scope: Any, receive: Any, page: "Page") -> None:
        handling = asyncio.ensure_future(self.handle(scope, receive, page))
        handling.add_done_callback(page.settle)
        try:
            with pulse().waiting(page.give_up):
                await page.settled
        except asyncio.CancelledError:
            handling.cancel()
            raise
        # The thread of a page that is given up cannot be stopped, and counts until it ends.
        await (refuse_busy(page.forward) if page.is_given_up else handling)

    async def handle(self, scope: Any, receive: Any, page: "Page") -> None:
        async with address_of(scope).lane.enter(), self.running:
            if not page.is_given_up:
                await self.application(scope, receive, page.send)


class Page:
    """The answer to one request. It is given up if the database does nothing, unless it has
    begun."""

    def __init__(self, forward: Any) -> None:
        self.forward = forward
        self.settled = asyncio.get_running_loop().create_future()
        self.is_given_up = False

    async def send(self, message: Any) -> None:
        if not self.is_given_up:
            self.settle()
            await self.forward(message)

    def give_up(self) -> None:
        self.is_given_up = True
        self.settle()

    def settle(self, *handled: Any) -> None:
        if not self.settled.done():
            self.settled.set_result(None)


async def refuse_busy(send: Any) -> None:
    headers = [
        (b"Content-Type", b"text/plain"),
        (b"Content-Length", b"%d" % len(BUSY)),
        (b"Retry-After", b"1"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": BUSY})
