"""Long polls: subscriptions that end with their first event (REST 3.4)."""

import asyncio
from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from django.conf import settings

from devicehive.events.event import Event
from devicehive.protocol import calls
from devicehive.protocol.calls import Request
from devicehive.protocol.connections import Connection
from devicehive.protocol.http_messages import Receive
from devicehive.protocol.permissions import Principal
from devicehive.serving.capacity import Capacity

T = TypeVar("T")


class Polled(NamedTuple, Generic[T]):
    """The result of a poll's action: what to answer at once, or None and for how many seconds to
    wait for the first event of the subscription that it has opened."""

    found: Sequence[T] | None
    seconds: float = 0


class Poll:
    """One poll. While it waits it costs two futures, a task that notices when the client leaves,
    and a timer, but no thread."""

    def __init__(self, principal: Principal | None, address: str = "") -> None:
        self.connection = Connection(principal=principal, address=address, listener=self.hear)
        self.over: asyncio.Future[Event | None] = asyncio.get_running_loop().create_future()
        """Gets the first event, or None when the server stops or the client leaves."""

    def hear(self, event: Event, subscription_id: int) -> None:
        self.end(event)

    def end(self, event: Event | None = None) -> None:
        if not self.over.done():
            self.over.set_result(event)

    async def perform(self, request: Request, receive: Receive) -> Sequence[Any]:
        """Return what is there already, or else wait for the first event and return its body alone.
        The result is empty if no event comes in time, the client leaves or the server stops. Raises
        Refused."""
        waiting.add(self)
        try:
            polled: Polled[Any] = await calls.perform(self.connection, request)
            if polled.found is not None:
                return polled.found
            self.connection.start_opened()
            return await self.wait(polled.seconds, receive)
        finally:
            waiting.discard(self)
            self.connection.close()

    async def wait(self, seconds: float, receive: Receive) -> Sequence[Any]:
        # After the body, the only message left to receive says that the client has left.
        left = asyncio.ensure_future(receive())
        try:
            await asyncio.wait(
                (self.over, left), timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            left.cancel()
        event = self.over.result() if self.over.done() else None
        return [event.body] if event else []


class Waiting:
    """All polls of this process."""

    def __init__(self) -> None:
        self.polls: set[Poll] = set()
        self.has_stopped = False

    def add(self, poll: Poll) -> None:
        self.polls.add(poll)
        if self.has_stopped:
            poll.end()

    def discard(self, poll: Poll) -> None:
        self.polls.discard(poll)

    def stop(self) -> None:
        """Answer all polls, and those still to come, as if their time were up: the server stops."""
        self.has_stopped = True
        for poll in self.polls:
            poll.end()


waiting = Waiting()
capacity = Capacity(settings.WAITING_POLLS, settings.WAITING_POLLS_OF_ADDRESS)
"""How many polls may be in flight, from their authentication to their answer."""
