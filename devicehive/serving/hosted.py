"""The application for other ASGI servers than `serve`: runserver, daphne, uvicorn."""

import asyncio
from typing import Any

from devicehive.events import fanout
from devicehive.events.fanout import Fanout
from devicehive.protocol import polls
from devicehive.serving import pruning
from devicehive.serving.attending import Attending


class HostedApplication:
    """Starts the background tasks that `serve` starts itself: events, pruning and presence.

    They start with the server's lifespan if it has one (uvicorn), otherwise with the first request
    or connection (daphne).
    """

    def __init__(self, application: Any) -> None:
        self.application = application
        self.fanout: Fanout | None = None
        self.pruning: asyncio.Task[None] | None = None
        self.attending: Attending | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        self.begin()
        await self.application(scope, receive, send)

    async def live(self, receive: Any, send: Any) -> None:
        await receive()
        self.begin()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.end()
        await send({"type": "lifespan.shutdown.complete"})

    def begin(self) -> None:
        if self.fanout is None:
            self.fanout = fanout.start_telling()
            self.pruning = pruning.start_pruning()
            self.attending = Attending()

    async def end(self) -> None:
        polls.waiting.stop()
        if self.pruning is not None:
            self.pruning.cancel()
        if self.attending is not None:
            await self.attending.stop()
        if self.fanout is not None:
            await self.fanout.stop()
