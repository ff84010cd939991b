"""The queue before Django: few HTTP requests at once, and a bounded number that wait.

Django opens a thread for each request that it is given. Those of anybody who asks would take the
database's connections from the sockets.
"""

import asyncio
from typing import Any

from django.conf import settings

from devicehive.serving.addresses import Address, address_of

MOST_REQUESTS = 64
"""Of a process, handled or waiting: at some 10 ms each, 0.2 s of work for four threads."""
MOST_REQUESTS_OF_ADDRESS = 24
"""Of one address, so that nobody fills the queue alone; a browser sends six at once."""
BUSY = b"Service is temporarily unavailable"


class HttpQueue:
    """An ASGI application that answers 503 when too many requests wait for the one behind it."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.running = asyncio.Semaphore(settings.HTTP_THREADS)
        self.requests = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        address = address_of(scope)
        if self.is_full(address):
            await refuse_busy(send)
            return
        self.requests += 1
        address.requests += 1
        try:
            async with self.running:
                await self.application(scope, receive, send)
        finally:
            self.requests -= 1
            address.requests -= 1

    def is_full(self, address: Address) -> bool:
        most = MOST_REQUESTS if address.trusted else MOST_REQUESTS_OF_ADDRESS
        return self.requests >= MOST_REQUESTS or address.requests >= most


async def refuse_busy(send: Any) -> None:
    headers = [
        (b"Content-Type", b"text/plain"),
        (b"Content-Length", b"%d" % len(BUSY)),
        (b"Retry-After", b"1"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": BUSY})
