"""Messages of other processes: gaps are noticed, and processes forgotten in time."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError

from devicehive.events import peers
from devicehive.events.event import COMMAND_LINE, EVERY_ACTION, Event
from devicehive.events.hub import Hub
from devicehive.events.peers import OVERLAP, Peers
from devicehive.protocol.actions import Runs
from devicehive.protocol.timestamps import now
from devicehive.serving import database
from tests.protocol.test_hub import Listener, event
from tests.server import SECONDS

# Nothing is stored; but the threads that read may have a connection from another test.
pytestmark = pytest.mark.django_db

OTHER = 7


class Stored:
    """Stands for the database: what is there, by who stored it, and what was asked for."""

    def __init__(self) -> None:
        self.keys: dict[int, list[str]] = {}
        self.asked: list[int] = []
        self.is_away = False

    def missed(self, origin: int, since: object) -> Iterator[Sequence[Event]]:
        if self.is_away:
            raise OperationalError("away")
        self.asked.append(origin)
        yield [event(key) for key in self.keys.get(origin, [])]


@pytest.fixture
def stored() -> Stored:
    return Stored()


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
async def others(hub: Hub, stored: Stored) -> Peers:
    peers = Peers(hub)
    peers.missed = stored.missed
    return peers


ALL = frozenset({EVERY_ACTION})
NOTIFIED = frozenset({"notification/insert"})
NOTHING: frozenset[str] = frozenset()


async def comes(
    peers: Peers,
    number: int,
    *keys: str,
    wanted: frozenset[str] = NOTHING,
    sent: frozenset[str] = ALL,
) -> None:
    """A message of a process comes."""
    if await peers.follow(OTHER, number, now(), wanted=wanted, sent=sent):
        peers.accept(OTHER, [event(key) for key in keys])


async def test_what_follows_is_told_at_once(hub: Hub, others: Peers, stored: Stored) -> None:
    listener = Listener(hub).start()
    await comes(others, 1, "a")
    await comes(others, 2, "b", "c")
    assert listener.heard == ["a", "b", "c"]
    assert stored.asked == []


async def test_what_is_missing_is_read_and_told_first_and_once(
    hub: Hub, others: Peers, stored: Stored
) -> None:
    listener = Listener(hub).start()
    await comes(others, 1, "a")
    stored.keys[OTHER] = ["a", "b", "c"]
    await comes(others, 3, "c", "d")
    assert listener.heard == ["a", "b", "c", "d"]
    assert stored.asked == [OTHER]


async def test_who_is_new_but_not_at_its_first_message_is_read_too(
    hub: Hub, others: Peers, stored: Stored
) -> None:
    listener = Listener(hub).start()
    stored.keys[OTHER] = ["a"]
    await comes(others, 12, "b")
    assert listener.heard == ["a", "b"]


async def test_nothing_is_read_when_nobody_listens(others: Peers, stored: Stored) -> None:
    await comes(others, 12, "a")
    await others.look_up()
    assert stored.asked == []


async def test_while_the_database_is_away_nothing_is_told_out_of_order(
    hub: Hub, others: Peers, stored: Stored
) -> None:
    listener = Listener(hub).start()
    await comes(others, 1, "a")
    stored.keys[OTHER], stored.is_away = ["a", "b", "c"], True
    await comes(others, 3, "c")
    assert listener.heard == ["a"]
    stored.is_away = False
    await comes(others, 4)
    assert listener.heard == ["a", "b", "c"]


async def test_command_lines_are_always_looked_up(hub: Hub, others: Peers, stored: Stored) -> None:
    listener = Listener(hub).start()
    others.accept(COMMAND_LINE, [event("a")])
    stored.keys[COMMAND_LINE] = ["a", "b"]
    await others.look_up()
    await others.look_up()
    assert listener.heard == ["a", "b"]
    assert stored.asked == [COMMAND_LINE] * 2


@pytest.mark.parametrize(
    ("silence", "asked", "known"),
    [
        (peers.SILENT / 2, [COMMAND_LINE], True),
        (peers.SILENT * 2, [COMMAND_LINE, OTHER], True),
        (peers.DEAD * 2, [COMMAND_LINE], True),
        (peers.FORGOTTEN * 2, [COMMAND_LINE], False),
    ],
)
async def test_who_falls_silent_is_looked_up_for_a_while(
    hub: Hub, others: Peers, stored: Stored, silence: timedelta, asked: list[int], known: bool
) -> None:
    Listener(hub)
    await comes(others, 1)
    others.found[OTHER].heard_at -= silence
    await others.look_up()
    assert stored.asked == asked
    assert (OTHER in others.found) == known


async def test_nobody_is_silent_while_redis_is_away(
    hub: Hub, others: Peers, stored: Stored
) -> None:
    """Not even our own messages come back then."""
    Listener(hub)
    await comes(others, 1)
    others.listened_at -= peers.SILENT
    others.found[OTHER].heard_at -= peers.SILENT * 1.5
    await others.look_up()
    assert stored.asked == [COMMAND_LINE]


async def test_keys_are_kept_no_longer_than_they_can_come_again(others: Peers) -> None:
    await comes(others, 1, "a")
    others.found[OTHER].seen.moments["a"] -= 3 * OVERLAP
    await comes(others, 2, "b")
    assert list(others.found[OTHER].seen.moments) == ["b"]


# --- What is kept back where nobody wants it -----------------------------------------------------


async def test_what_was_kept_back_is_read_and_told_before_what_comes(
    hub: Hub, others: Peers, stored: Stored
) -> None:
    await comes(others, 1, sent=NOTHING)
    listener = Listener(hub).start()
    stored.keys[OTHER] = ["a", "b"]
    await comes(others, 2, sent=NOTHING)
    assert listener.heard == []
    await comes(others, 3, "b", "c", sent=NOTIFIED)
    await comes(others, 4, "d", sent=NOTIFIED)
    assert listener.heard == ["a", "b", "c", "d"]
    assert stored.asked == [OTHER]


async def test_who_keeps_back_what_is_wanted_here_is_looked_up(
    hub: Hub, others: Peers, stored: Stored
) -> None:
    Listener(hub)
    await comes(others, 1, sent=frozenset({"command/insert"}))
    await others.look_up()
    assert stored.asked == [COMMAND_LINE, OTHER]


async def test_all_is_sent_until_the_others_have_said_what_they_want(others: Peers) -> None:
    await comes(others, 1, wanted=NOTIFIED)
    assert others.wanted() == ALL
    others.began_at -= peers.SILENT
    assert others.wanted() == NOTIFIED
    await comes(others, 2, wanted=NOTHING)
    assert others.wanted() == NOTHING


async def test_who_is_dead_wants_nothing(others: Peers) -> None:
    others.began_at -= peers.SILENT
    await comes(others, 1, wanted=NOTIFIED)
    others.found[OTHER].heard_at -= 2 * peers.DEAD
    assert others.wanted() == NOTHING


async def test_it_is_news_who_has_come_and_what_is_wanted(others: Peers) -> None:
    news: list[int] = []
    others.on_news = lambda: news.append(len(news))
    await comes(others, 1)
    await comes(others, 2)
    await comes(others, 3, wanted=NOTIFIED)
    await comes(others, 4, wanted=NOTIFIED)
    assert len(news) == 2


async def test_a_subscription_waits_until_those_who_are_there_tell_of_its_action(
    others: Peers,
) -> None:
    await comes(others, 1, sent=NOTHING)
    waiting = asyncio.ensure_future(others.wait_until_told("notification/insert"))
    await comes(others, 2, sent=frozenset({"command/insert"}))
    await asyncio.sleep(0)
    assert not waiting.done()
    await comes(others, 3, sent=NOTIFIED)
    await waiting


async def test_what_is_missing_is_read_while_subscriptions_wait_for_it_in_all_threads(
    hub: Hub, others: Peers, stored: Stored
) -> None:
    listener = Listener(hub).start()
    stored.keys[OTHER] = ["missed"]
    told, pool = threading.Event(), database.THREADS[Runs.DATABASE]
    waiting = [pool.submit(told.wait) for _ in range(settings.DATABASE_THREADS)]
    try:
        async with asyncio.timeout(SECONDS):
            assert await others.catch_up(OTHER)
    finally:
        told.set()
    assert all(each.result() for each in waiting)
    await asyncio.sleep(0)
    assert listener.heard == ["missed"]
