"""Who gets which event (devicehive/events/subscriptions.py)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from devicehive.events.subscriptions import EVERYTHING, Event, Hub, Requested, Subscription, new_id
from devicehive.protocol import frames

LAMP = {"device:lamp", "network:1", "type:1"}
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
REQUESTED = Requested(
    type="notification",
    device_id=None,
    network_ids=None,
    device_type_ids=None,
    names=None,
    timestamp=None,
)


def event(key: str = "1", **members: Any) -> Event:
    members.setdefault("topics", LAMP)
    return Event(
        action=members.pop("action", "notification/insert"),
        member="notification",
        name=members.pop("name", "lit"),
        topics=frozenset({EVERYTHING, *members.pop("topics")}),
        key=key,
        body=msgspec.Raw(json.dumps({"id": key}).encode()),
        **members,
    )


class Listener:
    """A subscription, and the keys of what was pushed to it."""

    def __init__(self, hub: Hub, *topics: str, **members: Any) -> None:
        self.frames: list[dict[str, Any]] = []
        self.subscription = Subscription(
            id=new_id(),
            action=members.pop("action", "notification/insert"),
            topics=frozenset(topics or {EVERYTHING}),
            listener=self.hear,
            requested=REQUESTED,
            **members,
        )
        hub.add(self.subscription)

    def hear(self, event: Event, subscription_id: int) -> None:
        self.frames.append(json.loads(frames.push(event, subscription_id)))

    def start(self, *replay: Event) -> "Listener":
        self.subscription.start(replay)
        return self

    @property
    def heard(self) -> list[str]:
        return [frame["notification"]["id"] for frame in self.frames]


@pytest.fixture
def hub() -> Hub:
    return Hub()


def test_a_push_has_exactly_three_members(hub: Hub) -> None:
    listener = Listener(hub).start()
    hub.deliver(event())
    assert listener.frames == [
        {
            "action": "notification/insert",
            "notification": {"id": "1"},
            "subscriptionId": listener.subscription.id,
        }
    ]


@pytest.mark.parametrize(
    ("topics", "heard"),
    [
        (["device:lamp"], True),
        (["device:sun"], False),
        (["network:2", "network:1"], True),
        (["network:2"], False),
        ([EVERYTHING], True),
    ],
)
def test_one_of_the_topics(hub: Hub, topics: list[str], heard: bool) -> None:
    listener = Listener(hub, *topics).start()
    hub.deliver(event())
    assert bool(listener.heard) == heard


@pytest.mark.parametrize(("also", "heard"), [("type:1", ["1"]), ("type:2", [])])
def test_and_one_of_each_of_the_others(hub: Hub, also: str, heard: list[str]) -> None:
    listener = Listener(hub, "network:1", also=(frozenset({also}),)).start()
    hub.deliver(event())
    assert listener.heard == heard


@pytest.mark.parametrize(("names", "heard"), [({"lit", "out"}, ["1"]), ({"Lit"}, [])])
def test_names(hub: Hub, names: set[str], heard: list[str]) -> None:
    listener = Listener(hub, names=frozenset(names)).start()
    hub.deliver(event())
    assert listener.heard == heard


def test_another_action(hub: Hub) -> None:
    listener = Listener(hub, action="command/insert").start()
    hub.deliver(event())
    assert listener.heard == []


def test_each_subscription_gets_its_own_push(hub: Hub) -> None:
    listeners = [Listener(hub).start(), Listener(hub, "network:1").start()]
    hub.deliver(event())
    ids = [listener.frames[0]["subscriptionId"] for listener in listeners]
    assert ids == [listener.subscription.id for listener in listeners]


def test_after_it_is_removed_nothing_comes_and_nothing_is_left(hub: Hub) -> None:
    listener = Listener(hub, "network:1", "network:2").start()
    assert hub
    hub.remove(listener.subscription)
    hub.remove(listener.subscription)
    hub.deliver(event())
    assert listener.heard == []
    assert not hub


def test_what_is_live_waits_for_the_replay(hub: Hub) -> None:
    listener = Listener(hub)
    hub.deliver(event("3"))
    assert listener.heard == []
    listener.start(event("1"), event("2"))
    hub.deliver(event("4"))
    assert listener.heard == ["1", "2", "3", "4"]


def test_what_the_replay_has_does_not_come_again(hub: Hub) -> None:
    listener = Listener(hub)
    hub.deliver(event("2"))
    listener.start(event("1"), event("2"), event("3"))
    hub.deliver(event("3"))
    assert listener.heard == ["1", "2", "3"]


def test_what_the_replay_has_overtaken_does_not_come_after_it(hub: Hub) -> None:
    """It was stored before, and its own timestamp is before the one that was asked for."""
    early, late = NOON, NOON + timedelta(milliseconds=1)
    listener = Listener(hub).start(event("2", origin=7, stored_at=late))
    hub.deliver(event("1", origin=7, stored_at=early))
    hub.deliver(event("of another process", origin=8, stored_at=early))
    hub.deliver(event("3", origin=7, stored_at=late))
    assert listener.heard == ["2", "of another process", "3"]


def test_what_is_told_late_is_not_for_who_has_subscribed_since(hub: Hub) -> None:
    before = Listener(hub, opened_at=NOON - timedelta(seconds=1)).start()
    since = Listener(hub, opened_at=NOON + timedelta(seconds=1)).start()
    hub.deliver(event("missed", stored_at=NOON, is_late=True))
    hub.deliver(event("live", stored_at=NOON))
    assert before.heard == ["missed", "live"]
    assert since.heard == ["live"]
