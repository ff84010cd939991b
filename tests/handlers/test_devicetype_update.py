"""devicetype/update (protocol, 5.9)."""

import pytest

from devices.models import DeviceType, User
from tests.conftest import Connection, connected, refused, success

INVALID = (
    "Error! Make sure, that the passed object is correct and properly structured. "
    "Validation failed: "
)
LENGTH = "Field cannot be empty. The length of name should not be more than 128 symbols."
LONG_DESCRIPTION = (
    f"\nOn property description (value: {'d' * 129}): "
    "The length of description should not be more than 128 symbols. ; "
)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({"name": "Valves"}, ("Valves", "Old")),
        ({"description": "New"}, ("Taps", "New")),
        ({"name": "Valves", "description": "New"}, ("Valves", "New")),
        ({}, ("Taps", "Old")),
        ({"name": None, "description": None}, ("Taps", "Old")),
        ({"description": ""}, ("Taps", "")),
        ({"name": "Taps"}, ("Taps", "Old")),
        ({"id": "ignored", "name": "Valves", "devices": []}, ("Valves", "Old")),
    ],
)
def test_what_is_given_changes(
    as_alice: Connection, given: dict[str, object], stored: tuple[str, str]
) -> None:
    device_type = DeviceType.objects.create(name="Taps", description="Old")
    answer = as_alice.ask("devicetype/update", deviceTypeId=device_type.id, deviceType=given)
    assert answer == success("devicetype/update")
    device_type.refresh_from_db()
    assert (device_type.name, device_type.description) == stored


def test_anonymous_may_not(anonymous: Connection) -> None:
    answer = anonymous.ask("devicetype/update", deviceTypeId=1, deviceType={"name": "Valves"})
    assert answer == refused("devicetype/update", 401, "Unauthorized")


def test_a_client_may_not(as_bob: Connection, device_type: DeviceType) -> None:
    answer = as_bob.ask(
        "devicetype/update", deviceTypeId=device_type.id, deviceType={"name": "Valves"}
    )
    assert answer == refused("devicetype/update", 403, "Access is denied")
    device_type.refresh_from_db()
    assert device_type.name == "Sensors"


def test_charlie_may_not(as_charlie: Connection) -> None:
    answer = as_charlie.ask("devicetype/update", deviceTypeId=1, deviceType={"name": "Valves"})
    assert answer == refused("devicetype/update", 403, "Access is denied")


def test_it_needs_manage_device_type(alice: User) -> None:
    answer = connected(alice, a=(14, 17)).ask("devicetype/update", deviceTypeId=1, deviceType={})
    assert answer == refused("devicetype/update", 403, "Access is denied")


def test_a_restricted_administrator_may_not_elsewhere(alice: User, device_type: DeviceType) -> None:
    User.objects.update(all_device_types_available=False)
    alice.refresh_from_db()
    restricted = connected(alice, dt=("1",))
    assert restricted.ask("devicetype/update", deviceTypeId=1, deviceType={}) == success(
        "devicetype/update"
    )
    answer = restricted.ask(
        "devicetype/update", deviceTypeId=device_type.id, deviceType={"name": "Valves"}
    )
    assert answer == refused("devicetype/update", 403, "Access is denied")


def test_assignment_does_not_matter(charlie: User, device_type: DeviceType) -> None:
    User.objects.update(all_device_types_available=False)
    charlie.refresh_from_db()
    manager = connected(charlie, a=(18,), dt=(str(device_type.id),))
    answer = manager.ask(
        "devicetype/update", deviceTypeId=device_type.id, deviceType={"name": "Valves"}
    )
    assert answer == success("devicetype/update")


@pytest.mark.parametrize("device_type", ["Valves", 5, [], {"name": []}, {"description": {}}])
def test_other_types_are_malformed(as_alice: Connection, device_type: object) -> None:
    answer = as_alice.ask("devicetype/update", deviceType=device_type)
    assert answer == refused("devicetype/update", 400, "Malformed Json received.")


def test_the_id_is_required(as_alice: Connection) -> None:
    answer = as_alice.ask("devicetype/update", id=1)
    assert answer == refused("devicetype/update", 400, "Device type id is wrong or empty")


def test_it_must_exist(as_alice: Connection) -> None:
    answer = as_alice.ask("devicetype/update", deviceTypeId=999)
    assert answer == refused("devicetype/update", 404, "Device type with id = 999 not found")


@pytest.mark.parametrize("members", [{}, {"deviceType": None}])
def test_the_device_type_is_required(as_alice: Connection, members: dict[str, object]) -> None:
    answer = as_alice.ask("devicetype/update", deviceTypeId=1, **members)
    assert answer == refused("devicetype/update", 400, "Device type is required")


@pytest.mark.parametrize(
    ("device_type", "violations"),
    [
        ({"name": ""}, f"\nOn property name (value: ): {LENGTH} ; "),
        ({"name": "n" * 129}, f"\nOn property name (value: {'n' * 129}): {LENGTH} ; "),
        ({"description": "d" * 129}, LONG_DESCRIPTION),
    ],
)
def test_lengths(as_alice: Connection, device_type: dict[str, object], violations: str) -> None:
    answer = as_alice.ask("devicetype/update", deviceTypeId=1, deviceType=device_type)
    assert answer == refused("devicetype/update", 400, INVALID + violations)


def test_names_stay_unique(as_alice: Connection, device_type: DeviceType) -> None:
    answer = as_alice.ask(
        "devicetype/update", deviceTypeId=device_type.id, deviceType={"name": "Cameras"}
    )
    text = "Device type cannot be created. Device type with such name already exists"
    assert answer == refused("devicetype/update", 403, text)
    device_type.refresh_from_db()
    assert device_type.name == "Sensors"
