"""The subscriptions of one connection (devicehive/protocol/connections.py)."""

import pytest

from devicehive.events.event import Event
from devicehive.events.hub import hub
from devicehive.protocol.connections import Connection
from devicehive.protocol.sessions import Sessions
from tests.protocol.test_hub import Listener, event


def hear(event: Event, subscription_id: int) -> None:
    pytest.fail(f"{subscription_id} has a listener of its own: {event}")


def connected() -> Connection:
    return Connection(listener=hear)


def opened(connection: Connection, *replay: Event) -> Listener:
    listener = Listener(hub)
    connection.open(listener.subscription, replay)
    return listener


def test_a_subscription_starts_when_it_is_answered() -> None:
    connection = connected()
    listener = opened(connection, event("replayed"))
    hub.dispatch(event("live"))
    assert listener.heard == []
    connection.start_opened()
    assert listener.heard == ["replayed", "live"]
    connection.close()


def test_a_closed_connection_hears_nothing() -> None:
    connection = connected()
    listeners = [opened(connection), opened(connection)]
    connection.start_opened()
    connection.close()
    hub.dispatch(event())
    assert [listener.heard for listener in listeners] == [[], []]
    assert not hub.has_listeners


def test_a_connection_that_closes_while_a_thread_subscribes_leaves_nothing() -> None:
    connection = connected()
    connection.close()
    opened(connection)
    assert not hub.has_listeners


def test_a_user_whose_last_connection_has_closed_is_not_remembered() -> None:
    kept: Sessions[str] = Sessions()
    for connection in "first", "second":
        kept.add(1, connection)
    kept.remove(1, "first")
    assert kept.of(1) == ["second"]
    kept.remove(1, "second")
    assert not kept
