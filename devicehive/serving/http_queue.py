"""The queue before Django: few HTTP requests at once, and a bounded number that wait.

Django opens a thread for each request that it is given. Those of anybody who asks would take the
database's connections from the sockets.
"""

import asyncio
from contextlib import ExitStack
from typing import Any

from django.conf import settings

from devicehive.log.visitors import VISITOR, Visitor
from devicehive.protocol.refusals import LaterRefusal, Refused
from devicehive.serving.addresses import address_of
from devicehive.serving.capacity import Capacity

MOST_REQUESTS = 64
"""Of a process, handled or waiting: at some 10 ms each, 0.2 s of work for four threads."""
MOST_REQUESTS_OF_ADDRESS = 24
"""Of one address, so that nobody fills the queue alone; a browser sends six at once."""
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
            except Refused:
                await refuse_busy(send)
                return
            async with self.running:
                await self.application(scope, receive, send)


async def refuse_busy(send: Any) -> None:
    headers = [
        (b"Content-Type", b"text/plain"),
        (b"Content-Length", b"%d" % len(BUSY)),
        (b"Retry-After", b"1"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": BUSY})
