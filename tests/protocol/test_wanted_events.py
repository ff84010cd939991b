"""Nothing is lost when somebody begins to listen, in whatever order messages come (ADR 29)."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devicehive.events.event import Event
from devicehive.events.hub import Hub
from devicehive.events.outbox import Outbox
from devicehive.events.peers import SILENT, Peers
from devicehive.protocol.timestamps import now
from tests.protocol.test_hub import Listener, event

# Nothing is stored; but the threads that read may have a connection from another test.
pytestmark = pytest.mark.django_db

NOTIFIED = "notification/insert"
STEPS = ("commit", "send", "hear", "answer", "heed", "subscribe", "end")


class Side:
    """A process without a layer: whoever drives it carries its messages."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.peers = Peers(self.hub)
        self.peers.missed = self.missed
        self.peers.began_at -= SILENT
        self.outbox = Outbox(self.hub, self.peers)
        self.stored: list[Event] = []
        """What the other side has stored, and not told for certain."""
        self.sent: deque[tuple[int, list[Event], frozenset[str], frozenset[str]]] = deque()

    def missed(self, origin: int, since: object) -> Iterator[Sequence[Event]]:
        yield [msgspec.structs.replace(each, is_late=True) for each in self.stored if origin]

    def send(self) -> None:
        events, actions = self.outbox.take()
        self.sent.append((self.outbox.sent, events, self.hub.actions, actions))

    async def hear(self, other: "Side", sender: int) -> None:
        if not other.sent:
            return
        number, events, wanted, sent = other.sent.popleft()
        if await self.peers.follow(sender, number, now(), wanted=wanted, sent=sent):
            self.peers.accept(sender, events)


class World:
    """One process that stores, and one in which somebody listens, now and then."""

    def __init__(self) -> None:
        self.storing, self.listening = Side(), Side()
        self.listener: Listener | None = None
        self.due: list[str] = []
        """What the listener is to hear."""
        self.count = 0

    async def commit(self) -> None:
        self.count += 1
        told = event(str(self.count), stored_at=now())
        if self.listener:
            self.due.append(told.key)
        if not (self.listener and self.is_told):  # Else it must not need the database.
            self.listening.stored.append(told)
        self.storing.outbox.add([told])

    @property
    def is_told(self) -> bool:
        """Whether a subscription has not to wait."""
        return bool(self.listening.peers.found) and self.listening.peers._is_told(NOTIFIED)

    async def send(self) -> None:
        self.storing.send()

    async def hear(self) -> None:
        await self.listening.hear(self.storing, 1)

    async def answer(self) -> None:
        self.listening.send()

    async def heed(self) -> None:
        await self.storing.hear(self.listening, 2)

    async def subscribe(self) -> None:
        if self.listener is None:
            self.listener, self.due = Listener(self.listening.hub).start(), []

    async def end(self) -> None:
        if self.listener is not None:
            self.listening.hub.remove(self.listener.subscription)
            self.listener = None

    async def settle(self) -> None:
        for _ in range(2):
            self.listening.send()
            self.storing.send()
            while self.storing.sent or self.listening.sent:
                await self.hear()
                await self.heed()
        self.storing.send()
        await self.hear()


@given(steps=st.lists(st.sampled_from(STEPS), max_size=40))
def test_who_listens_hears_all_that_is_committed_from_then_on_once_and_in_order(
    steps: list[str],
) -> None:
    async def play() -> None:
        world = World()
        await world.settle()
        for step in steps:
            await getattr(world, step)()
        await world.settle()
        if world.listener is not None:
            heard = world.listener.heard
            assert heard[len(heard) - len(world.due) :] == world.due
            assert len(set(heard)) == len(heard)

    asyncio.run(play())
