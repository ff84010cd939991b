"""presence/subscribe, presence/unsubscribe and what is pushed (ADR 30)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase

from devicehive.documents.examples import example_of_push
from devicehive.events.event import PROCESS
from devicehive.protocol.actions import registry
from devicehive.protocol.timestamps import now
from devices.models import Attachment, Device, DeviceType, Network, Presence, ServerProcess, User
from devices.services import events
from devices.services.presence_events import PRESENCE_UPDATED
from tests.conftest import Connection, connected, refused, success
from tests.example_world import ExampleWorld
from tests.presence import keep, release_lost

pytestmark = pytest.mark.usefixtures("live")
FORBIDDEN = refused("presence/subscribe", 403, "Access is denied")
TYPES_NOT_FOUND = "Device types with such deviceTypeIds wasn't found: {[999]}"
Told = list[tuple[str, str]]


def subscribe(connection: Connection, **members: Any) -> int:
    answer = connection.ask("presence/subscribe", **members)
    assert answer == success("presence/subscribe", subscriptionId=answer.get("subscriptionId"))
    id_: int = answer["subscriptionId"]
    return id_


def save(user: User, device_id: str) -> Connection:
    """A connection that is the device's."""
    connection = connected(user)
    answer = connection.ask("device/save", deviceId=device_id, device={"name": "Lamp"})
    assert answer == success("device/save")
    return connection


def pushes(connection: Connection, do: Callable[[], object] = keep) -> list[dict[str, Any]]:
    """The pushes that `do` causes, which by default writes presence as the server does."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        do()
    connection.ask("server/info")  # Turns the event loop.
    return connection.pushed()


def heard(connection: Connection, do: Callable[[], object] = keep) -> Told:
    """Which devices did what."""
    return [
        (push["presence"]["deviceId"], push["presence"]["change"])
        for push in pushes(connection, do)
    ]


def age(device: Device) -> None:
    """Let the device be last heard of two hours ago."""
    Presence.objects.filter(pk=device.pk).update(heard_at=now() - timedelta(hours=2))


# --- What is told ------------------------------------------------------------------------------


def test_a_device_comes_falls_silent_is_heard_and_goes(
    as_bob: Connection, bob: User, device: Device
) -> None:
    id_ = subscribe(as_bob, deviceId=device.id)
    lamp = save(bob, device.id)
    (push,) = pushes(as_bob)
    shown = as_bob.ask("device/presence", deviceId=device.id)["presence"]
    assert shown["connected"]
    assert push == {
        "action": "presence/update",
        "presence": {**shown, "change": "connected"},
        "subscriptionId": id_,
    }
    assert heard(as_bob) == []
    age(device)
    assert heard(as_bob) == [(device.id, "silent")]
    assert heard(as_bob) == []
    lamp.ask("notification/insert", deviceId=device.id, notification={"notification": "on"})
    assert heard(as_bob) == [(device.id, "heard")]
    lamp.caller.close()
    assert heard(as_bob) == [(device.id, "disconnected")]
    assert heard(as_bob) == []


def test_who_comes_and_goes_between_two_looks_is_not_told_of(
    as_bob: Connection, bob: User, device: Device
) -> None:
    subscribe(as_bob)
    save(bob, device.id).caller.close()
    assert heard(as_bob) == []
    save(bob, device.id)
    assert heard(as_bob) == [(device.id, "connected")]


def test_the_devices_of_a_killed_process_are_told_to_have_gone(
    as_bob: Connection, device: Device
) -> None:
    subscribe(as_bob)
    Presence.objects.create(device=device, generation=device.generation, is_connected=True)
    Attachment.objects.create(device_id=device.id, process=PROCESS ^ 1)
    ServerProcess.objects.create(
        pk=PROCESS ^ 1, name="killed", beat_at=now() - timedelta(seconds=30)
    )
    assert heard(as_bob, release_lost) == [(device.id, "disconnected")]


def test_only_the_named_changes_are_told(as_bob: Connection, bob: User, device: Device) -> None:
    subscribe(as_bob, names=["silent", "disconnected"])
    lamp = save(bob, device.id)
    assert heard(as_bob) == []
    age(device)
    assert heard(as_bob) == [(device.id, "silent")]
    lamp.caller.close()
    assert heard(as_bob) == [(device.id, "disconnected")]


def test_nobody_hears_of_it_unasked(as_alice: Connection, bob: User, device: Device) -> None:
    as_alice.ask("notification/subscribe", names=["connected"])
    as_alice.ask("command/subscribe")
    save(bob, device.id)
    assert pushes(as_alice) == []


def test_the_documents_show_what_is_pushed(db: None) -> None:
    world = ExampleWorld()
    world.ask({"action": "presence/subscribe", "networkIds": [7]})
    lamp = save(User.objects.get(login="alice"), "lamp")
    lamp.caller.address = "192.0.2.7"
    with TestCase.captureOnCommitCallbacks(execute=True):
        keep()
    world.ask({"action": "server/info"})
    assert world.pushed() == [example_of_push(PRESENCE_UPDATED, registry["presence/subscribe"])]


# --- To whom -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "is_told"),
    [
        ({}, True),
        ({"deviceId": "bobs-lamp"}, True),
        ({"networkIds": ["N"]}, True),
        ({"deviceTypeIds": ["T"]}, True),
        ({"deviceTypeIds": [1]}, False),
        ({"networkIds": ["N"], "deviceTypeIds": [1]}, False),
    ],
)
def test_what_is_listened_to(
    as_bob: Connection,
    bob: User,
    device: Device,
    network: Network,
    device_type: DeviceType,
    members: dict[str, Any],
    is_told: bool,
) -> None:
    ids = {"N": network.pk, "T": device_type.pk}
    given = {
        name: [ids.get(each, each) for each in value] if isinstance(value, list) else value
        for name, value in members.items()
    }
    subscribe(as_bob, **given)
    save(bob, device.id)
    assert heard(as_bob) == ([(device.id, "connected")] if is_told else [])


def test_a_stranger_hears_nothing(
    as_alice: Connection, bob: User, charlie: User, device: Device
) -> None:
    everything = connected(charlie, n=("*",), dt=("*",))
    subscribe(everything)
    subscribe(as_alice)
    save(bob, device.id)
    assert heard(as_alice) == [(device.id, "connected")]
    assert everything.pushed() == []


def test_who_is_no_member_any_more_hears_nothing_more(
    as_bob: Connection, as_alice: Connection, alice: User, bob: User, device: Device
) -> None:
    subscribe(as_bob)
    answer = as_alice.ask("user/unassignNetwork", userId=bob.pk, networkId=device.network_id)
    assert answer == success("user/unassignNetwork")
    save(alice, device.id)
    assert heard(as_bob) == []


# --- What may be asked for ---------------------------------------------------------------------


def test_charlie_may_not(as_charlie: Connection, device: Device, network: Network) -> None:
    assert as_charlie.ask("presence/subscribe", deviceId=device.id) == FORBIDDEN
    assert as_charlie.ask("presence/subscribe", networkIds=[network.pk]) == FORBIDDEN
    assert as_charlie.ask("presence/subscribe") == refused(
        "presence/subscribe", 403, "No access to any device type or network"
    )
    assert as_charlie.ask("presence/unsubscribe", subscriptionId=1) == refused(
        "presence/unsubscribe", 404, "Subscription with id 1 was not found"
    )


@pytest.mark.parametrize("action", ["presence/subscribe", "presence/unsubscribe"])
def test_the_permission_is_needed(anonymous: Connection, bob: User, action: str) -> None:
    assert anonymous.ask(action) == refused(action, 401, "Unauthorized")
    powerless = connected(bob, a=(4, 5))
    assert powerless.ask(action) == refused(action, 403, "Access is denied")


def test_what_is_not_there_is_refused(as_alice: Connection) -> None:
    for members, code, text in (
        ({"networkIds": [999]}, 404, "Networks with such networkIds wasn't found: {[999]}"),
        (
            {"deviceTypeIds": [999]},
            404,
            TYPES_NOT_FOUND,
        ),
        ({"deviceId": ""}, 400, "Device id is wrong or empty"),
        ({"deviceId": "nothing"}, 404, "Device with such deviceId = nothing not found"),
    ):
        assert as_alice.ask("presence/subscribe", **members) == refused(
            "presence/subscribe", code, text
        )


def test_a_subscription_is_listed_and_ended(as_bob: Connection, bob: User, device: Device) -> None:
    id_ = subscribe(as_bob, deviceId=device.id, names=["silent", "connected"])
    shown = {
        "subscriptionId": id_,
        "type": "presence",
        "deviceId": device.id,
        "networkIds": None,
        "deviceTypeIds": None,
        "names": ["connected", "silent"],
        "timestamp": None,
    }
    assert as_bob.ask("subscription/list", type="presence")["subscriptions"] == [shown]
    as_bob.ask("notification/unsubscribe")
    as_bob.ask("command/unsubscribe")
    assert as_bob.ask("subscription/list")["subscriptions"] == [shown]
    assert as_bob.ask("presence/unsubscribe", subscriptionId=id_) == success("presence/unsubscribe")
    assert as_bob.ask("presence/unsubscribe", subscriptionId=id_) == refused(
        "presence/unsubscribe", 404, f"Subscription with id {id_} was not found"
    )
    assert as_bob.ask("presence/unsubscribe") == success("presence/unsubscribe")
    save(bob, device.id)
    assert heard(as_bob) == []


# --- What was missed ---------------------------------------------------------------------------


def test_what_a_process_has_noted_is_found_by_the_others(bob: User, device: Device) -> None:
    before = now()
    lamp = save(bob, device.id)
    keep()
    lamp.caller.close()
    keep()
    missed = [
        (event.name, event.is_late)
        for part in events.missed(PROCESS, before)
        for event in part
        if event.action == PRESENCE_UPDATED
    ]
    assert missed == [("disconnected", True)]
    assert not [
        event
        for part in events.missed(PROCESS ^ 1, before)
        for event in part
        if event.action == PRESENCE_UPDATED
    ]
