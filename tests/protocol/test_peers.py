"""What other processes tell, what of it is missing, and when it is known no more."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from django.db import OperationalError

from devicehive.events import peers
from devicehive.events.event import COMMAND_LINE, Event
from devicehive.events.hub import Hub
from devicehive.events.peers import OVERLAP, Peers
from devicehive.protocol.timestamps import now
from tests.protocol.test_hub import Listener, event

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


async def comes(peers: Peers, number: int, *keys: str, sender: int = OTHER) -> None:
    """A message of a process comes."""
    if await peers.follow(sender, number, now()):
        peers.accept(sender, [event(key) for key in keys])


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
