"""Subscriptions, beyond what one frame can show: what is heard live is what is replayed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devicehive.events.event import Event
from devicehive.events.hub import hub
from devicehive.events.subscriptions import Requested
from devicehive.protocol.permissions import CLIENT, NO_LIMIT, Limit, Principal
from devicehive.protocol.refusals import Refused
from devices.models import Device, DeviceType, Network, Notification, User
from devices.schemas.notification import NotificationBody
from devices.services import events, notifications, subscriptions
from devices.services.notifications import NotificationInsert
from devices.services.standing import unlimited
from tests.thorough import examples

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = ["on", "off"]


class Listener:
    """Who has subscribed, and what was pushed."""

    listening: list["Listener"] = []

    def __init__(self, principal: Principal, **members: Any) -> None:
        none: dict[str, Any] = dict.fromkeys(
            ("device_id", "network_ids", "device_type_ids", "names", "timestamp")
        )
        self.pushed: list[int] = []
        self.subscription, self.replay = subscriptions.subscribe(
            principal,
            Requested(**{"type": "notification"} | none | members),
            self.hear,
            action=events.NOTIFICATION_INSERTED,
            limit=100,
        )
        self.listening.append(self)

    def hear(self, event: Event, subscription_id: int) -> None:
        self.pushed += ids([event])

    def start(self) -> None:
        self.subscription.start(self.replay)


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    while Listener.listening:
        hub.remove(Listener.listening.pop().subscription)


def stored() -> list[Event]:
    """All notifications as events, in the order of insertion."""
    rows = Notification.objects.order_by("id")
    return [events.of_notification(each) for each in rows]


def ids(found: list[Event]) -> list[int]:
    return [json.loads(bytes(event.body))["id"] for event in found]


def insert(user: User, *device_ids: str, name: str = "on") -> None:
    """A notification of each of these devices."""
    requests = [
        NotificationInsert(
            principal=unlimited(user), device_id=device_id, body=NotificationBody(notification=name)
        )
        for device_id in device_ids
    ]
    assert not [each for each in notifications.insert_many(requests) if isinstance(each, Refused)]


# --- A replay is what would have been heard ------------------------------------------------------


@pytest.fixture
def grid(alice: User, bob: User, network: Network) -> None:
    """Notifications of devices of two types in two networks, and of what saves tell."""
    other = Network.objects.create(name="other")
    types = DeviceType.objects.order_by("id")[:2]
    for (letter, group), (digit, kind) in product(
        (("a", network), ("b", other)), zip("12", types, strict=True)
    ):
        Device.objects.create(id=letter + digit, name="x", network=group, device_type=kind)
    for name in NAMES:
        insert(alice, "a1", "a2", "b1", "b2", name=name)
    Notification.objects.filter(device_id="b2", notification="off").update(network_id=None)


def limits(ids: list[int]) -> st.SearchStrategy[Limit]:
    return st.just(NO_LIMIT) | st.builds(Limit, ids=st.frozensets(st.sampled_from(ids)))


@st.composite
def listeners(draw: st.DrawFn) -> dict[str, Any]:
    user = User.objects.get(login=draw(st.sampled_from(["alice", "bob"])))
    networks = list(Network.objects.values_list("id", flat=True))
    types = list(DeviceType.objects.order_by("id").values_list("id", flat=True)[:2])
    principal = Principal(
        user_id=user.pk,
        is_admin=user.is_admin,
        permissions=CLIENT,
        networks=draw(limits(networks)),
        device_types=draw(limits(types)),
    )
    return {
        "principal": principal,
        "device_id": draw(st.none() | st.sampled_from(["a1", "a2", "b1", "b2"])),
        "network_ids": draw(st.none() | st.lists(st.sampled_from(networks), unique=True)),
        "device_type_ids": draw(st.none() | st.lists(st.sampled_from(types), unique=True)),
        "names": draw(st.none() | st.lists(st.sampled_from(NAMES), unique=True)),
        "timestamp": EPOCH,
    }


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_replay_is_what_would_have_been_heard(grid: None, data: st.DataObject) -> None:
    members = data.draw(listeners())
    try:
        listener = Listener(**members)
    except Refused:
        assert not hub.has_listeners
        return
    listener.subscription.start(())
    for event in stored():
        hub.dispatch(event)
    hub.remove(listener.subscription)
    told_of_saves = [id_ for id_ in listener.pushed if id_ in ids_of_saves()]
    assert [id_ for id_ in listener.pushed if id_ not in told_of_saves] == ids([*listener.replay])
    assert not told_of_saves or is_unlimited(members)


def ids_of_saves() -> set[int]:
    return set(Notification.objects.filter(network_id=None).values_list("number", flat=True))


def is_unlimited(members: dict[str, Any]) -> bool:
    principal, limits = members["principal"], ("device_id", "network_ids", "device_type_ids")
    listed = (principal.networks.ids, principal.device_types.ids)
    return not any(members[name] for name in limits) and listed == (None, None)


# --- Between the replay and what is live ---------------------------------------------------------


def test_what_comes_before_the_start_waits(alice: User, device: Device) -> None:
    insert(alice, device.id)
    listener = Listener(unlimited(alice), timestamp=EPOCH)
    insert(alice, device.id)
    first, second = stored()
    hub.dispatch(second)
    assert listener.pushed == []
    listener.start()
    assert listener.pushed == ids([first, second])


def test_what_was_replayed_is_not_told_again(alice: User, device: Device) -> None:
    insert(alice, device.id)
    listener = Listener(unlimited(alice), timestamp=EPOCH)
    (event,) = stored()
    hub.dispatch(event)
    listener.start()
    hub.dispatch(event)
    assert listener.pushed == ids([event])


def test_without_a_timestamp_nothing_is_read(
    alice: User, device: Device, django_assert_num_queries: Any
) -> None:
    insert(alice, device.id)
    with django_assert_num_queries(0):
        listener = Listener(unlimited(alice))
    assert listener.replay == ()


def test_what_is_refused_does_not_listen(bob: User, device: Device) -> None:
    with pytest.raises(Refused, match="Access is denied"):
        Listener(unlimited(bob), network_ids=[1])
    assert not hub.has_listeners
