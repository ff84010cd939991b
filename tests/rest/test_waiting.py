"""How a poll waits, and what ends it (devicehive/protocol/polls.py)."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from devicehive.events.hub import hub
from devicehive.events.subscriptions import Requested, Subscription, new_id
from devicehive.protocol.actions import Runs, action, rest_registry
from devicehive.protocol.bodies import Params
from devicehive.protocol.calls import Request
from devicehive.protocol.connections import Connection
from devicehive.protocol.permissions import Permission
from devicehive.protocol.polls import Poll, Polled, Waiting
from tests.protocol.test_hub import PRINCIPAL, event

REQUESTED = Requested(
    type="command",
    device_id=None,
    network_ids=None,
    device_type_ids=None,
    names=None,
    timestamp=None,
)
SECONDS = 60
KNOWN = event("known")


@pytest.fixture(autouse=True)
def _own_action() -> Iterator[None]:
    @action("test/poll", runs=Runs.INLINE, into=rest_registry)
    def poll(connection: Connection, params: Params) -> Polled[Any]:
        subscription = Subscription(
            id=new_id(),
            action=KNOWN.action,
            limits=(KNOWN.topics,),
            principal=PRINCIPAL,
            needs=Permission.GET_DEVICE_COMMAND,
            listener=connection.listener,
            requested=REQUESTED,
        )
        hub.add(subscription)
        connection.open(subscription, (), known=[KNOWN])
        return Polled(None, SECONDS)

    yield
    del rest_registry["test/poll"]
    assert not hub.has_listeners


def start(poll: Poll, *received: dict[str, Any]) -> "asyncio.Task[Any]":
    """Perform it for a client that sends this and stays."""
    messages = list(received)

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    request = Request.of(rest_registry["test/poll"], {})
    return asyncio.create_task(poll.perform(request, receive))


async def until_it_listens() -> None:
    while not hub.has_listeners:  # noqa: ASYNC110  # nothing in it waits but for its turn
        await asyncio.sleep(0)


async def test_the_first_event_ends_it() -> None:
    performed = start(Poll(None))
    await until_it_listens()
    first, second = event("1"), event("2")
    for each in first, second:
        hub.dispatch(each)
    assert await performed == [first.body]


async def test_an_event_that_the_client_knows_does_not_end_it() -> None:
    """Such as one that another process tells of later than the database did."""
    performed = start(Poll(None))
    await until_it_listens()
    new = event("new")
    for each in KNOWN, new:
        hub.dispatch(each)
    assert await performed == [new.body]


async def test_a_client_that_leaves_is_forgotten_at_once() -> None:
    assert await start(Poll(None), {"type": "http.disconnect"}) == []


async def test_a_poll_that_fails_listens_no_more() -> None:
    performed = start(Poll(None))
    await until_it_listens()
    performed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await performed


async def test_a_stop_ends_those_that_wait_and_those_to_come() -> None:
    polls = Waiting()
    early, late = Poll(None), Poll(None)
    polls.add(early)
    polls.stop()
    polls.add(late)
    assert await start(early) == await start(late) == []
