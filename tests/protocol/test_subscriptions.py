"""The subscriptions of one connection (devicehive/protocol/connections.py) and their ids."""

import pytest

from devicehive.events.subscriptions import Event, hub, new_id
from devicehive.protocol.connections import Connection
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
    hub.deliver(event("live"))
    assert listener.heard == []
    connection.start_opened()
    assert listener.heard == ["replayed", "live"]
    connection.close()


def test_a_closed_connection_hears_nothing() -> None:
    connection = connected()
    listeners = [opened(connection), opened(connection)]
    connection.start_opened()
    connection.close()
    hub.deliver(event())
    assert [listener.heard for listener in listeners] == [[], []]
    assert not hub


def test_a_connection_that_closes_while_a_thread_subscribes_leaves_nothing() -> None:
    connection = connected()
    connection.close()
    opened(connection)
    assert not hub


def test_ids_are_unique_and_exact_in_javascript() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(0 < id_ < 1 << 53 for id_ in ids)
