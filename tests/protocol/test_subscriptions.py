"""The subscriptions of one connection (devicehive/protocol/actions.py, Caller) and their ids."""

from devicehive.events.subscriptions import Event, hub, new_id
from devicehive.protocol.actions import Caller
from tests.protocol.test_hub import Listener, event


def opened(caller: Caller, *replay: Event) -> Listener:
    listener = Listener(hub)
    caller.open(listener.subscription, replay)
    return listener


def test_a_subscription_starts_when_it_is_answered() -> None:
    caller = Caller()
    listener = opened(caller, event("replayed"))
    hub.deliver(event("live"))
    assert listener.heard == []
    caller.start_opened()
    assert listener.heard == ["replayed", "live"]
    caller.close()


def test_a_closed_connection_hears_nothing() -> None:
    caller = Caller()
    listeners = [opened(caller), opened(caller)]
    caller.start_opened()
    caller.close()
    hub.deliver(event())
    assert [listener.heard for listener in listeners] == [[], []]
    assert not hub


def test_a_connection_that_closes_while_a_thread_subscribes_leaves_nothing() -> None:
    caller = Caller()
    caller.close()
    opened(caller)
    assert not hub


def test_ids_are_unique_and_exact_in_javascript() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(0 < id_ < 1 << 53 for id_ in ids)
