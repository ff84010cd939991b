"""The application under an ASGI server that is not ours: runserver, daphne, uvicorn."""

import asyncio
from typing import Any

from devicehive.events import fanout
from devicehive.events.fanout import Fanout
from devicehive.protocol import polls
from devicehive.serving import pruning
from devicehive.serving.attending import Attending


class HostedApplication:
    """Begins what `serve` begins beside connections: to tell events, and to delete old messages.

    With the server's lifespan where there is one (uvicorn), or else with the first that comes
    (daphne).
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
