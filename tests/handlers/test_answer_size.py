"""How much one request may take of the server (R-47): what is too large is refused, and a little
less is not."""

import json
from typing import Any

import pytest

from devicehive.events.hub import hub
from devices.handlers.listening import MOST_SUBSCRIPTIONS
from devices.models import Device, DeviceType, Network, User
from tests.conftest import Connection, refused
from tests.rest.client import refused as rest_refused
from tests.rest.client import rest

LONG_AGO = "2000-01-01T00:00:00.000"
TOO_LARGE = "Answer is too large: use take and skip"
PADDING = "x" * 10_000
FILLED = 12
"""Devices, notifications and commands that are padded: together too much, half of them not."""


@pytest.fixture
def filled(settings: Any, as_alice: Connection, device: Device) -> Device:
    settings.MAX_ANSWER_BYTES = 100_000
    data = json.dumps({"padding": PADDING})
    for number in range(FILLED):
        Device.objects.create(
            id=f"filled-{number}",
            name="Filled",
            data=data,
            network=device.network,
            device_type=device.device_type,
        )
        parameters = {"padding": PADDING}
        as_alice.ask(
            "notification/insert",
            deviceId=device.id,
            notification={"notification": "told", "parameters": parameters},
        )
        told = as_alice.ask(
            "command/insert",
            deviceId=device.id,
            command={"command": "turn", "parameters": parameters},
        )
        as_alice.ask(
            "command/update",
            deviceId=device.id,
            commandId=told["command"]["id"],
            command={"status": "done"},
        )
    return device


LISTS = ["device/list", "command/list", "notification/list"]


@pytest.mark.parametrize("action", LISTS)
def test_a_list_that_is_too_long_is_refused(
    as_bob: Connection, filled: Device, action: str
) -> None:
    everything = {"deviceId": filled.id, "take": 2_147_483_647}
    assert as_bob.ask(action, **everything) == refused(action, 400, TOO_LARGE)
    half = as_bob.ask(action, **{**everything, "take": FILLED // 2})
    assert len(half[f"{action.partition('/')[0]}s"]) == FILLED // 2


@pytest.mark.parametrize("action", LISTS)
def test_no_list_is_too_long_that_fits(
    settings: Any, as_bob: Connection, filled: Device, action: str
) -> None:
    settings.MAX_ANSWER_BYTES = 200_000
    answer = as_bob.ask(action, deviceId=filled.id, take=1_000)
    assert len(answer[f"{action.partition('/')[0]}s"]) >= FILLED


def test_a_network_and_a_type_say_what_to_use_instead(as_bob: Connection, filled: Device) -> None:
    instead = "Answer is too large: use device/list"
    answer = as_bob.ask("network/get", networkId=filled.network_id)
    assert answer == refused("network/get", 400, instead)
    answer = as_bob.ask("devicetype/get", deviceTypeId=filled.device_type_id)
    assert answer == refused("devicetype/get", 400, instead)


@pytest.mark.parametrize(
    ("action", "members"),
    [
        ("notification/subscribe", {}),
        ("command/subscribe", {"limit": 2_147_483_647}),
        ("command/subscribe", {"limit": 1_000, "returnUpdatedCommands": True}),
    ],
)
def test_a_replay_that_is_too_long_is_refused_and_nothing_is_subscribed(
    as_bob: Connection, filled: Device, action: str, members: Any
) -> None:
    answer = as_bob.ask(action, deviceId=filled.id, timestamp=LONG_AGO, **members)
    assert answer == refused(action, 400, TOO_LARGE)
    assert as_bob.ask("subscription/list")["subscriptions"] == []
    assert not hub._found


def test_the_bound_holds_over_http_too(bob: User, filled: Device) -> None:
    too_large = rest_refused(400, TOO_LARGE)
    client = rest(bob)
    assert client.get("device") == too_large
    assert client.get(f"device/{filled.id}/command", take=FILLED) == too_large
    for kind in "notification", "command":
        polled = {"timestamp": LONG_AGO, "limit": 0, "waitTimeout": 0}
        assert client.get(f"device/{filled.id}/{kind}/poll", **polled) == too_large
    assert not hub._found


@pytest.mark.parametrize("action", ["user/list", "user/get", "user/getDeviceTypes", "network/list"])
def test_lists_of_the_registry(settings: Any, as_alice: Connection, bob: User, action: str) -> None:
    settings.MAX_ANSWER_BYTES = 100
    for number in range(3):
        bob.networks.add(Network.objects.create(name=f"network {number}", description="x" * 100))
        DeviceType.objects.create(name=f"type {number}", description="x" * 100)
    assert as_alice.ask(action, userId=bob.pk) == refused(action, 400, TOO_LARGE)


@pytest.mark.parametrize("action", ["notification/subscribe", "command/subscribe"])
@pytest.mark.parametrize("member", ["names", "networkIds", "deviceTypeIds"])
def test_a_list_has_a_thousand_elements_at_most(
    as_alice: Connection, action: str, member: str
) -> None:
    answer = as_alice.ask(action, **{member: list(range(1_001))})
    assert answer == refused(action, 400, "Malformed Json received.")
    allowed = as_alice.ask(action, **{member: list(range(1_000))})
    assert allowed != answer


@pytest.mark.parametrize("action", ["notification/list", "command/list"])
def test_so_have_the_names_of_messages(as_bob: Connection, device: Device, action: str) -> None:
    names = [f"name {number}" for number in range(1_001)]
    answer = as_bob.ask(action, deviceId=device.id, names=names)
    assert answer == refused(action, 400, "Malformed Json received.")
    assert as_bob.ask(action, deviceId=device.id, names=names[1:])["status"] == "success"


def too_many(action: str) -> dict[str, Any]:
    return {**refused(action, 429, "Too many subscriptions"), "retryAfter": 1}


@pytest.mark.parametrize(
    "action", ["notification/subscribe", "command/subscribe", "presence/subscribe"]
)
def test_a_connection_has_a_thousand_subscriptions_at_most(
    as_bob: Connection, device: Device, action: str
) -> None:
    [opened] = [as_bob.ask("notification/subscribe")["subscriptionId"]]
    [subscription] = as_bob.caller.subscriptions.values()
    # As if it had asked for the others too, which would take a while.
    copies = dict.fromkeys(range(MOST_SUBSCRIPTIONS - 1), subscription)
    as_bob.caller.subscriptions.update(copies)
    assert as_bob.ask(action) == too_many(action)
    as_bob.ask("notification/unsubscribe", subscriptionId=opened)
    assert as_bob.ask(action)["status"] == "success"


def test_and_no_more_names_than_two_messages_carry(settings: Any, as_bob: Connection) -> None:
    settings.MAX_MESSAGE_BYTES = 4_000
    names = [f"{number:0100}" for number in range(30)]
    subscribed = [as_bob.ask("notification/subscribe", names=names)["status"] for _ in range(2)]
    assert subscribed == ["success", "success"]
    assert as_bob.ask("notification/subscribe", names=names) == too_many("notification/subscribe")
