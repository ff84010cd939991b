"""notification/list (protocol, 5.6.3, with 7.1, 7.3 and 7.4)."""

from typing import Any

import pytest
from pytest_django import Settings

from devices.models import Device, Notification, User
from tests.conftest import Connection, connected, refused, success

FORBIDDEN = refused("notification/list", 403, "Access is denied")
INVALID = refused("notification/list", 400, "Invalid request parameters")
MALFORMED = refused("notification/list", 400, "Malformed Json received.")
REQUIRED = refused("notification/list", 400, "Device id is wrong or empty")

BY_TIME = ["a1", "B2", "a2", "b3", "ä4"]


@pytest.fixture
def five(as_bob: Connection, device: Device) -> None:
    """Five notifications of bob's lamp, in no order."""
    for name, second in ("b", 3), ("a", 1), ("B", 2), ("a", 2), ("ä", 4):
        told = {"notification": name, "timestamp": f"2026-01-01T00:00:0{second}"}
        as_bob.ask("notification/insert", deviceId=device.id, notification=told)


def listed(connection: Connection, **members: Any) -> list[str]:
    """The notifications as name and second."""
    answer = connection.ask("notification/list", deviceId="bobs-lamp", **members)
    assert answer["status"] == "success", answer
    return [each["notification"] + each["timestamp"][18] for each in answer["notifications"]]


def test_the_whole_notifications(as_bob: Connection, device: Device) -> None:
    told = {"notification": "on", "parameters": {"a": 1}, "timestamp": 1514764800000}
    answer = as_bob.ask("notification/insert", deviceId=device.id, notification=told)
    ids = {"deviceId": device.id, "notificationId": answer["notification"]["id"]}
    whole = as_bob.ask("notification/get", **ids)["notification"]
    answer = as_bob.ask("notification/list", deviceId=device.id)
    assert answer == success("notification/list", notifications=[whole])


def test_what_saves_told_is_listed(as_bob: Connection, device: Device) -> None:
    as_bob.ask("device/save", deviceId="new", device={"name": "New"})
    as_bob.ask("device/save", deviceId="new", device={"data": {"a": 1}})
    added, updated = as_bob.ask("notification/list", deviceId="new")["notifications"]
    assert (added["notification"], updated["notification"]) == ("$device-add", "$device-update")
    assert added["parameters"]["data"] is None
    device_now = as_bob.ask("device/get", deviceId="new")["device"]
    assert updated["parameters"] == device_now


def test_only_those_of_the_device(as_bob: Connection, five: None) -> None:
    as_bob.ask("device/save", deviceId="other", device={"name": "Other"})
    answer = as_bob.ask("notification/list", deviceId="other", deviceIds=["bobs-lamp"])
    assert [each["notification"] for each in answer["notifications"]] == ["$device-add"]


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({}, BY_TIME),
        ({"sortOrder": "DESC"}, BY_TIME),
        ({"start": "2026-01-01T00:00:02", "end": "2026-01-01T00:00:03"}, BY_TIME[1:4]),
        ({"start": 1767225602001, "end": ""}, BY_TIME[3:]),
        ({"notification": "a"}, ["a1", "a2"]),
        ({"names": ["b", "B", "b"], "notification": "a"}, ["B2", "b3"]),
        ({"names": [], "notification": "a"}, ["a1", "a2"]),
        ({"status": "done", "command": "x"}, BY_TIME),
        ({"take": 1, "skip": 1}, ["B2"]),
        ({"take": 1, "sortField": "Timestamp"}, ["ä4"]),
        ({"take": 0}, []),
        ({"skip": 5}, []),
    ],
)
def test_filters_and_pages(
    as_bob: Connection, five: None, members: dict[str, Any], found: list[str]
) -> None:
    assert listed(as_bob, **members) == found


def test_by_name_in_the_order_of_code_points(as_bob: Connection, five: None) -> None:
    in_order = ["B2", "a1", "a2", "b3", "ä4"]
    assert listed(as_bob, sortField="notification", sortOrder="ASC") == in_order
    assert listed(as_bob, sortField="Notification") == in_order[::-1]
    assert listed(as_bob, sortField="notification", sortOrder="up") == in_order


@pytest.mark.parametrize("field", ["status", "id", ""])
def test_an_unknown_field_does_not_sort(as_bob: Connection, five: None, field: str) -> None:
    assert listed(as_bob, sortField=field) == BY_TIME


def test_a_hundred_unless_the_setting_says_otherwise(
    as_bob: Connection, device: Device, settings: Settings
) -> None:
    assert settings.MESSAGE_LIST_TAKE == 100
    moment = "2026-01-01T00:00:00Z"
    Notification.objects.bulk_create(
        Notification(
            notification="on",
            device_id=device.id,
            generation=device.generation,
            number=number,
            timestamp=moment,
            stored_at=moment,
        )
        for number in range(101)
    )
    assert len(listed(as_bob)) == 100
    assert len(listed(as_bob, take=101)) == 101


# --- Checks, in their order ------------------------------------------------------------------


def test_anonymous_may_not(anonymous: Connection, device: Device) -> None:
    answer = anonymous.ask("notification/list", deviceId=device.id)
    assert answer == refused("notification/list", 401, "Unauthorized")


def test_the_permission_is_needed(bob: User, device: Device) -> None:
    limited = connected(bob, a=(5,))
    assert limited.ask("notification/list", deviceId=device.id) == FORBIDDEN
    assert limited.ask("notification/list", start=[]) == FORBIDDEN


@pytest.mark.parametrize("members", [{"start": "x"}, {"names": 5}, {"take": True}])
def test_members_of_other_types_are_malformed(as_bob: Connection, members: dict[str, Any]) -> None:
    assert as_bob.ask("notification/list", **members) == MALFORMED


def test_a_device_id_is_required(as_bob: Connection) -> None:
    assert as_bob.ask("notification/list", deviceId=None, take=-1) == REQUIRED
    assert as_bob.ask("notification/list", deviceIds=["bobs-lamp"]) == REQUIRED


def test_an_unknown_device_is_refused(as_alice: Connection, as_charlie: Connection) -> None:
    text = "Device with such deviceId = nothing not found"
    not_found = refused("notification/list", 404, text)
    assert as_alice.ask("notification/list", deviceId="nothing") == not_found
    assert as_charlie.ask("notification/list", deviceId="nothing", take=-1) == not_found


def test_charlie_may_not(as_charlie: Connection, charlie: User, five: None) -> None:
    everything = connected(charlie, n=("*",), dt=("*",))
    for connection in as_charlie, everything:
        assert connection.ask("notification/list", deviceId="bobs-lamp", take=-1) == FORBIDDEN


def test_a_limited_token_limits_an_administrator(alice: User, device: Device, five: None) -> None:
    answer = connected(alice, n=("1",)).ask("notification/list", deviceId=device.id)
    assert answer == FORBIDDEN
    assert listed(connected(alice, n=(str(device.network_id),))) == BY_TIME


@pytest.mark.parametrize("n", [None, ()])
def test_a_token_without_networks_reaches_nothing(bob: User, device: Device, n: Any) -> None:
    assert connected(bob, n=n).ask("notification/list", deviceId=device.id) == FORBIDDEN


@pytest.mark.parametrize("members", [{"take": -1}, {"skip": -1}])
def test_negative_pages_are_refused(
    as_bob: Connection, device: Device, members: dict[str, int]
) -> None:
    assert as_bob.ask("notification/list", deviceId=device.id, **members) == INVALID
