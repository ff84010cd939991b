"""device/presence and presence/list, count: what is told of who is there, to whom (ADR 30)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devicehive.protocol.timestamps import now, timestamp_text
from devices.models import Device, DeviceType, Network, Presence, User
from tests.conftest import Connection, connected, refused, success
from tests.rest.client import rest

NEVER = {
    "connected": False,
    "since": None,
    "lastHeard": None,
    "silent": False,
    "address": None,
    "userId": None,
}


def put(device: Device, *, ago: int, is_connected: bool = False, **columns: Any) -> datetime:
    """Make a device last heard from `ago` seconds ago."""
    moment = now() - timedelta(seconds=ago)
    columns = {"since": moment, "heard_at": moment, "is_connected": is_connected} | columns
    Presence.objects.create(device=device, generation=device.generation, **columns)
    return moment


@pytest.fixture
def fleet(bob: User, network: Network, device_type: DeviceType) -> list[str]:
    """Of bob: one that is connected, one heard of an hour and one two hours ago, and one that never
    was; and one that had been here before it was deleted and saved anew. Of alice: one."""
    ids = ["now", "hour", "two-hours", "never", "new"]
    made = {
        id_: Device.objects.create(id=id_, name=id_, network=network, device_type=device_type)
        for id_ in ids
    }
    put(made["now"], ago=1, is_connected=True)
    put(made["hour"], ago=3_700)
    put(made["two-hours"], ago=7_300, is_silent=True)
    put(made["new"], ago=1, is_connected=True)
    Presence.objects.filter(pk="new").update(generation=made["new"].generation ^ 1)
    away = Device.objects.create(id="away", name="Away", network_id=1, device_type_id=1)
    put(away, ago=1, is_connected=True)
    return ids


def listed(connection: Connection, **members: Any) -> list[str]:
    answer = connection.ask("presence/list", **members)
    assert answer["status"] == "success", answer
    ids = [each["deviceId"] for each in answer["presences"]]
    # Else not even so many are in a page.
    counted = {name: each for name, each in members.items() if name not in PAGING}
    if not {"take", "skip"} & members.keys():
        count = connection.ask("presence/count", **counted)
        assert count == success("presence/count", count=len(ids))
    return ids


PAGING = {"sortField", "sortOrder", "take", "skip"}

# --- One ---------------------------------------------------------------------------------------


def test_all_that_is_known_of_a_device_is_told(
    as_bob: Connection, bob: User, device: Device
) -> None:
    moment = put(device, ago=5, is_connected=True, address="192.0.2.7", user_id=bob.pk)
    assert as_bob.ask("device/presence", deviceId=device.id) == success(
        "device/presence",
        presence={
            "deviceId": device.id,
            "connected": True,
            "since": timestamp_text(moment),
            "lastHeard": timestamp_text(moment),
            "silent": False,
            "address": "192.0.2.7",
            "userId": bob.pk,
        },
    )


def test_a_device_that_was_never_heard_of(as_bob: Connection, device: Device) -> None:
    assert as_bob.ask("device/presence", deviceId=device.id) == success(
        "device/presence", presence={"deviceId": device.id, **NEVER}
    )


def test_what_was_known_of_another_device_with_the_id_is_not_told(
    as_bob: Connection, fleet: list[str]
) -> None:
    assert as_bob.ask("device/presence", deviceId="new") == success(
        "device/presence", presence={"deviceId": "new", **NEVER}
    )


def test_the_device_must_be_named(as_bob: Connection, as_alice: Connection) -> None:
    for connection in as_bob, as_alice:
        assert connection.ask("device/presence") == refused(
            "device/presence", 400, "Device id is wrong or empty"
        )


def test_an_id_must_be_a_text(as_bob: Connection) -> None:
    for action, members in (
        ("device/presence", {"deviceId": {}}),
        ("presence/list", {"connected": {}}),
        ("presence/count", {"silentSeconds": []}),
        ("presence/subscribe", {"networkIds": 5}),
        ("presence/unsubscribe", {"subscriptionId": {}}),
    ):
        assert as_bob.ask(action, **members) == refused(action, 400, "Malformed Json received.")


def test_an_unknown_device_is_not_found(as_alice: Connection, as_bob: Connection) -> None:
    assert as_alice.ask("device/presence", deviceId="nothing") == refused(
        "device/presence", 404, "Device with such deviceId = nothing not found"
    )
    assert as_bob.ask("device/presence", deviceId="nothing") == refused(
        "device/presence", 403, "Access is denied"
    )


# --- Many --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "ids"),
    [
        ({}, ["hour", "never", "new", "now", "two-hours"]),
        ({"connected": True}, ["now"]),
        ({"connected": False}, ["hour", "never", "new", "two-hours"]),
        ({"silentSeconds": 3_600}, ["hour", "two-hours"]),
        ({"silentSeconds": "7200"}, ["two-hours"]),
        ({"silentSeconds": 86_400}, []),
        ({"heard": False}, ["never", "new"]),
        ({"heard": True}, ["hour", "now", "two-hours"]),
        ({"heard": True, "connected": False, "name": "hour"}, ["hour"]),
        ({"namePattern": "n%", "heard": False}, ["never", "new"]),
        ({"networkName": "nothing"}, []),
        ({"sortField": "lastHeard"}, ["never", "new", "two-hours", "hour", "now"]),
        (
            {"sortField": "lastHeard", "sortOrder": "DESC"},
            ["now", "hour", "two-hours", "new", "never"],
        ),
        ({"sortField": "since", "take": 3, "skip": 2}, ["two-hours", "hour", "now"]),
        ({"sortField": "name", "sortOrder": "DESC", "take": 2}, ["two-hours", "now"]),
        ({"sortField": "deviceId", "take": 1}, ["hour"]),
    ],
)
def test_those_that_match_are_listed_and_counted(
    as_bob: Connection, fleet: list[str], members: dict[str, Any], ids: list[str]
) -> None:
    assert listed(as_bob, **members) == ids


def test_each_is_listed_as_alone(as_bob: Connection, fleet: list[str]) -> None:
    alone = [as_bob.ask("device/presence", deviceId=id_)["presence"] for id_ in sorted(fleet)]
    assert as_bob.ask("presence/list") == success("presence/list", presences=alone)


def test_everybody_is_shown_what_they_see(
    as_alice: Connection, as_charlie: Connection, bob: User, fleet: list[str]
) -> None:
    assert {*fleet, "away"} < {*listed(as_alice)}
    assert listed(as_charlie) == []
    assert as_charlie.ask("device/presence", deviceId="now") == refused(
        "device/presence", 403, "Access is denied"
    )
    assert listed(connected(bob, n=("1",), dt=("*",))) == []
    bob.all_device_types_available = False
    bob.save()
    assert listed(connected(bob)) == []


def test_nonsense_is_refused(as_bob: Connection) -> None:
    for members in {"sortField": "x"}, {"take": -1}, {"skip": -1}, {"silentSeconds": 0}:
        assert as_bob.ask("presence/list", **members) == refused(
            "presence/list", 400, "Invalid request parameters"
        )
    assert as_bob.ask("presence/count", silentSeconds=-1) == refused(
        "presence/count", 400, "Invalid request parameters"
    )
    assert as_bob.ask("presence/list", sortField="since", sortOrder="up") == refused(
        "presence/list", 400, "Unparseable sort order : up"
    )


def test_the_longest_silence_that_can_be_asked_for(as_bob: Connection, fleet: list[str]) -> None:
    assert listed(as_bob, silentSeconds=2**31 - 1) == []
    Presence.objects.filter(pk="hour").update(heard_at=datetime(1950, 1, 1, tzinfo=UTC))
    assert listed(as_bob, silentSeconds=2**31 - 1) == ["hour"]


@pytest.mark.parametrize("action", ["device/presence", "presence/list", "presence/count"])
def test_only_who_may_see_devices_may_ask(
    anonymous: Connection, bob: User, as_charlie: Connection, device: Device, action: str
) -> None:
    members = {"deviceId": device.id} if action == "device/presence" else {}
    assert anonymous.ask(action, **members) == refused(action, 401, "Unauthorized")
    powerless = connected(bob, a=(4, 5, 6))
    assert powerless.ask(action, **members) == refused(action, 403, "Access is denied")


# --- Over REST ---------------------------------------------------------------------------------


def test_rest_tells_the_same(bob: User, as_bob: Connection, fleet: list[str]) -> None:
    bob_rest = rest(bob)
    status, alone = bob_rest.get("device/hour/presence")
    assert (status, [alone]) == (200, as_bob.ask("presence/list", name="hour")["presences"])
    assert bob_rest.get("presence", silentSeconds=3_600, take=1, connected="false") == (
        200,
        [alone],
    )
    assert bob_rest.get("presence/count", heard="true") == (200, {"count": 3})


def test_no_device_is_hidden_behind_a_path(
    bob: User, network: Network, device_type: DeviceType
) -> None:
    Device.objects.create(id="presence", name="It", network=network, device_type=device_type)
    status, shown = rest(bob).get("device/presence")
    assert (status, shown["name"]) == (200, "It")
    status, shown = rest(bob).get("device/presence/presence")
    assert (status, shown) == (200, {"deviceId": "presence", **NEVER})
