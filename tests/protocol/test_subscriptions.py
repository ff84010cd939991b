"""In which order a subscription tells of what is replayed and live
(devicehive/events/subscriptions.py)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devicehive.events.event import Event
from devicehive.events.hub import Hub
from devicehive.events.subscriptions import new_id
from tests.protocol.test_hub import REQUESTED, Listener, event

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(milliseconds=1)


@pytest.fixture
def hub() -> Hub:
    return Hub()


def test_what_is_live_waits_for_the_replay(hub: Hub) -> None:
    listener = Listener(hub)
    hub.dispatch(event("3"))
    assert listener.heard == []
    listener.start(event("1"), event("2"))
    hub.dispatch(event("4"))
    assert listener.heard == ["1", "2", "3", "4"]


def test_what_the_replay_has_does_not_come_again(hub: Hub) -> None:
    listener = Listener(hub)
    hub.dispatch(event("2"))
    listener.start(event("1"), event("2"), event("3"))
    hub.dispatch(event("3"))
    assert listener.heard == ["1", "2", "3"]


def test_what_the_replay_has_overtaken_does_not_come_after_it(hub: Hub) -> None:
    """It was stored before, and its own timestamp is before the one that was asked for."""
    early, late = NOON, NOON + timedelta(milliseconds=1)
    listener = Listener(hub).start(event("2", origin=7, stored_at=late))
    hub.dispatch(event("1", origin=7, stored_at=early))
    hub.dispatch(event("of another process", origin=8, stored_at=early))
    hub.dispatch(event("3", origin=7, stored_at=late))
    assert listener.heard == ["2", "of another process", "3"]


def test_what_is_told_late_is_not_for_who_has_subscribed_since(hub: Hub) -> None:
    before = Listener(hub, listens_since=NOON - timedelta(seconds=1)).start()
    since = Listener(hub, listens_since=NOON + timedelta(seconds=1)).start()
    hub.dispatch(event("missed", stored_at=NOON, is_late=True))
    hub.dispatch(event("live", stored_at=NOON))
    assert before.heard == ["missed", "live"]
    assert since.heard == ["live"]


@pytest.mark.parametrize(
    ("asked", "heard"),
    [
        (None, []),
        (NOON - timedelta(hours=1), ["missed"]),
        (NOON, ["missed"]),
        (LATER, []),
        (NOON + timedelta(hours=1), []),
    ],
)
def test_what_was_stored_just_before_is_told_late_if_it_was_asked_for(
    hub: Hub, asked: datetime | None, heard: list[str]
) -> None:
    """What a replay reads may miss it: it was not committed yet."""
    requested = replace(REQUESTED, timestamp=asked)
    since = NOON + timedelta(milliseconds=50)
    listener = Listener(hub, listens_since=since, requested=requested).start()
    hub.dispatch(event("missed", stored_at=NOON, is_late=True))
    hub.dispatch(event("missed since", stored_at=since, is_late=True))
    assert listener.heard == [*heard, "missed since"]


def test_what_was_stored_while_it_heard_nothing_is_not_told_late(hub: Hub) -> None:
    """Its user was in no network, say: what nobody here listened to was not sent here."""
    stays, returns = (Listener(hub, "network:1", listens_since=NOON).start() for _ in range(2))
    hub.limit(stays.subscription, [frozenset({"network:1", "network:2"})])
    for topics in frozenset[str](), frozenset({"network:1"}):
        hub.limit(returns.subscription, [topics])
    hub.dispatch(event("missed", stored_at=LATER, is_late=True))
    hub.dispatch(event("live", stored_at=LATER))
    assert stays.heard == ["missed", "live"]
    assert returns.heard == ["live"]


def test_a_replay_of_nothing_is_over_when_it_has_started(hub: Hub) -> None:
    listener = Listener(hub)
    assert listener.subscription.replay is not None
    listener.start()
    assert listener.subscription.replay is None


def test_a_replay_is_over_when_every_process_in_it_has_told_of_something_newer(hub: Hub) -> None:
    replayed = [event(str(origin), origin=origin, stored_at=NOON) for origin in (7, 8)]
    listener = Listener(hub).start(*replayed)
    for live in [event("9", origin=7, stored_at=NOON), event("10", origin=7, stored_at=LATER)]:
        hub.dispatch(live)
        assert listener.subscription.replay is not None
    hub.dispatch(event("11", origin=8, stored_at=LATER))
    assert listener.subscription.replay is None
    assert listener.heard == ["7", "8", "9", "10", "11"]


def test_what_was_stored_in_the_same_millisecond_is_told_unless_it_was_replayed(hub: Hub) -> None:
    first, second, third = (event(key, origin=7, stored_at=NOON) for key in "123")
    listener = Listener(hub).start(second)
    for live in (first, second, third):
        hub.dispatch(live)
    assert listener.heard == ["2", "1", "3"]


def test_a_replayed_update_does_not_come_again_however_late(hub: Hub) -> None:
    """It has no moment that would tell when it has passed."""
    updated = event("1")
    listener = Listener(hub).start(updated)
    hub.dispatch(event("2", origin=7, stored_at=LATER))
    hub.dispatch(updated)
    assert listener.heard == ["1", "2"]


@st.composite
def told(draw: st.DrawFn) -> tuple[list[Event], list[Event], int]:
    """What is replayed, what is live, and after how much of that the subscription starts.

    Two processes store at moments that never go back. What was replayed may come live as well.
    """
    stored = [
        event(f"{origin}/{number}", origin=origin, stored_at=NOON + timedelta(milliseconds=moment))
        for origin in (7, 8)
        for number, moment in enumerate(sorted(draw(st.lists(st.integers(0, 5), max_size=6))))
    ]
    replayed = sorted((each for each in stored if draw(st.booleans())), key=moment)
    queues = {origin: [each for each in stored if each.origin == origin] for origin in (7, 8)}
    live = []
    while any(queues.values()):
        queue = queues[draw(st.sampled_from([key for key, queue in queues.items() if queue]))]
        live.append(queue.pop(0))
    return replayed, live, draw(st.integers(0, len(live)))


@given(told())
def test_all_that_is_newer_than_the_replay_is_told_once_and_in_the_order_of_its_process(
    told: tuple[list[Event], list[Event], int],
) -> None:
    replayed, live, start = told
    hub, heard = Hub(), list[Event]()
    listener = Listener(hub)
    listener.subscription.listener = lambda event, _: heard.append(event)
    for each in live[:start]:
        hub.dispatch(each)
    listener.start(*replayed)
    for each in live[start:]:
        hub.dispatch(each)
    assert heard[: len(replayed)] == replayed
    assert len({each.key for each in heard}) == len(heard)
    for origin in (7, 8):
        assert moments(heard, origin) == sorted(moments(heard, origin))
        last = max(moments(replayed, origin), default=NOON - timedelta(seconds=1))
        newer = [each for each in live if each.origin == origin and moment(each) > last]
        assert set(newer) <= set(heard)


def moment(event: Event) -> datetime:
    assert event.stored_at is not None
    return event.stored_at


def moments(events: list[Event], origin: int) -> list[datetime]:
    return [moment(event) for event in events if event.origin == origin]


def test_ids_are_unique_and_exact_in_javascript() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(0 < id_ < 1 << 53 for id_ in ids)
