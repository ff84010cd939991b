"""Which subscriptions get which event (devicehive/events/hub.py)."""

import json
from typing import Any

import msgspec
import pytest

from devicehive.events import hub as hubs
from devicehive.events.event import EVERYTHING, Event
from devicehive.events.hub import Hub
from devicehive.events.subscriptions import Requested, Subscription, new_id
from devicehive.protocol import frames
from devicehive.protocol.permissions import ALL, Permission, Principal

LAMP = {"device:lamp", "network:1", "type:1"}
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


PRINCIPAL = Principal(user_id=1, is_admin=True, permissions=ALL)


class Listener:
    """A subscription, and the keys of what was pushed to it."""

    def __init__(self, hub: Hub, *topics: str, **members: Any) -> None:
        self.frames: list[dict[str, Any]] = []
        self.subscription = Subscription(
            id=new_id(),
            action=members.pop("action", "notification/insert"),
            limits=(frozenset(topics or {EVERYTHING}), *members.pop("also", ())),
            principal=PRINCIPAL,
            needs=Permission.GET_DEVICE_NOTIFICATION,
            listener=self.hear,
            requested=members.pop("requested", REQUESTED),
            **members,
        )
        hub.add(self.subscription)

    def hear(self, event: Event, subscription_id: int) -> None:
        self.frames.append(json.loads(frames.push_head(event) + frames.push_tail(subscription_id)))

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
    hub.dispatch(event())
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
def test_an_event_is_heard_under_one_of_its_topics(
    hub: Hub, topics: list[str], heard: bool
) -> None:
    listener = Listener(hub, *topics).start()
    hub.dispatch(event())
    assert bool(listener.heard) == heard


@pytest.mark.parametrize(("also", "heard"), [("type:1", ["1"]), ("type:2", [])])
def test_an_event_must_have_one_topic_of_each_further_set(
    hub: Hub, also: str, heard: list[str]
) -> None:
    listener = Listener(hub, "network:1", also=(frozenset({also}),)).start()
    hub.dispatch(event())
    assert listener.heard == heard


@pytest.mark.parametrize(("names", "heard"), [({"lit", "out"}, ["1"]), ({"Lit"}, [])])
def test_a_subscription_to_names_hears_no_others(
    hub: Hub, names: set[str], heard: list[str]
) -> None:
    listener = Listener(hub, names=frozenset(names)).start()
    hub.dispatch(event())
    assert listener.heard == heard


def test_a_subscription_to_another_action_hears_nothing(hub: Hub) -> None:
    listener = Listener(hub, action="command/insert").start()
    hub.dispatch(event())
    assert listener.heard == []


def test_each_subscription_gets_its_own_push(hub: Hub) -> None:
    listeners = [Listener(hub).start(), Listener(hub, "network:1").start()]
    hub.dispatch(event())
    ids = [listener.frames[0]["subscriptionId"] for listener in listeners]
    assert ids == [listener.subscription.id for listener in listeners]


def test_after_it_is_removed_nothing_comes_and_nothing_is_left(hub: Hub) -> None:
    listener = Listener(hub, "network:1", "network:2").start()
    assert hub.has_listeners
    hub.remove(listener.subscription)
    hub.remove(listener.subscription)
    hub.dispatch(event())
    assert listener.heard == []
    assert not hub.has_listeners


def test_other_processes_are_not_told_of_each_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """One is followed by the next: the action stays among those that are asked for meanwhile."""
    clock = [0.0]
    monkeypatch.setattr(hubs, "monotonic", lambda: clock[0])
    hub, begun = Hub(), []
    hub.on_begin = lambda: begun.append(hub.actions)
    for _ in range(5):
        hub.remove(Listener(hub, "device:lamp").subscription)
        clock[0] += hubs.HEARD_ON_SECONDS - 0.1
        assert hub.actions == {"notification/insert"}
    assert begun == [{"notification/insert"}]
    clock[0] += 0.2
    assert hub.actions == set()
    Listener(hub, "device:lamp")
    assert begun == [{"notification/insert"}] * 2
