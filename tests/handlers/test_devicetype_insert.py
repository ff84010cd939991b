"""devicetype/insert (protocol, 5.9)."""

import pytest

from devices.models import DeviceType, User
from tests.conftest import Connection, connected, refused, success

INVALID = (
    "Error! Make sure, that the passed object is correct and properly structured. "
    "Validation failed: "
)
NO_NAME = "\nOn property name (value: null): name field cannot be null. ; "
LENGTH = "Field cannot be empty. The length of name should not be more than 128 symbols."
LONG_DESCRIPTION = (
    f"\nOn property description (value: {'d' * 129}): "
    "The length of description should not be more than 128 symbols. ; "
)


def test_it_answers_the_id(as_alice: Connection) -> None:
    answer = as_alice.ask("devicetype/insert", deviceType={"name": "Valves", "description": "Old"})
    device_type = DeviceType.objects.get(name="Valves")
    assert answer == success("devicetype/insert", deviceType={"id": device_type.id})
    assert device_type.description == "Old"


def test_it_is_assigned_to_nobody(as_alice: Connection) -> None:
    as_alice.ask("devicetype/insert", deviceType={"name": "Valves"})
    assert not DeviceType.objects.get(name="Valves").users.exists()


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({"name": "n"}, ("n", None)),
        ({"name": "n", "description": None, "id": None}, ("n", None)),
        ({"name": "n", "description": ""}, ("n", "")),
        ({"name": "n" * 128, "description": "d" * 128}, ("n" * 128, "d" * 128)),
        ({"name": "ü" * 128}, ("ü" * 128, None)),
        ({"name": 5, "description": True}, ("5", "true")),
        ({"name": "n", "key": "old clients", "devices": 1}, ("n", None)),
    ],
)
def test_what_is_stored(
    as_alice: Connection, given: dict[str, object], stored: tuple[str, str | None]
) -> None:
    created = as_alice.ask("devicetype/insert", deviceType=given)["deviceType"]
    device_type = DeviceType.objects.get(id=created["id"])
    assert (device_type.name, device_type.description) == stored


def test_anonymous_may_not(anonymous: Connection) -> None:
    answer = anonymous.ask("devicetype/insert", deviceType={"name": "Valves"})
    assert answer == refused("devicetype/insert", 401, "Unauthorized")


def test_charlie_may_not(as_charlie: Connection) -> None:
    answer = as_charlie.ask("devicetype/insert", deviceType={"name": "Valves"})
    assert answer == refused("devicetype/insert", 403, "Access is denied")
    assert not DeviceType.objects.filter(name="Valves").exists()


def test_it_needs_manage_device_type(alice: User) -> None:
    answer = connected(alice, a=(14, 17)).ask("devicetype/insert", deviceType={"name": "Valves"})
    assert answer == refused("devicetype/insert", 403, "Access is denied")


def test_a_restricted_administrator_may(alice: User) -> None:
    answer = connected(alice, n=("1",), dt=("1",)).ask(
        "devicetype/insert", deviceType={"name": "Valves"}
    )
    assert answer["status"] == "success"


@pytest.mark.parametrize("device_type", ["Valves", 5, [], {"name": []}, {"name": "n", "id": "x"}])
def test_other_types_are_malformed(as_alice: Connection, device_type: object) -> None:
    answer = as_alice.ask("devicetype/insert", deviceType=device_type)
    assert answer == refused("devicetype/insert", 400, "Malformed Json received.")


@pytest.mark.parametrize("members", [{}, {"deviceType": None}])
def test_the_device_type_is_required(as_alice: Connection, members: dict[str, object]) -> None:
    answer = as_alice.ask("devicetype/insert", **members)
    assert answer == refused("devicetype/insert", 400, "Device type is required")


@pytest.mark.parametrize(
    ("device_type", "violations"),
    [
        ({}, NO_NAME),
        ({"name": None, "id": 7}, NO_NAME),
        ({"name": ""}, f"\nOn property name (value: ): {LENGTH} ; "),
        ({"name": "n" * 129}, f"\nOn property name (value: {'n' * 129}): {LENGTH} ; "),
        ({"name": "n", "description": "d" * 129, "id": 7}, LONG_DESCRIPTION),
        ({"description": "d" * 129}, NO_NAME + LONG_DESCRIPTION),
        (
            {"name": "", "description": "d" * 129},
            f"\nOn property name (value: ): {LENGTH} ; " + LONG_DESCRIPTION,
        ),
    ],
)
def test_lengths(as_alice: Connection, device_type: dict[str, object], violations: str) -> None:
    answer = as_alice.ask("devicetype/insert", deviceType=device_type)
    assert answer == refused("devicetype/insert", 400, INVALID + violations)


def test_the_server_gives_the_id(as_alice: Connection) -> None:
    # The name is taken too: the id is looked at first.
    answer = as_alice.ask("devicetype/insert", deviceType={"id": 99, "name": "Cameras"})
    text = "Invalid request parameters. Id cannot be specified."
    assert answer == refused("devicetype/insert", 400, text)
    assert not DeviceType.objects.filter(id=99).exists()


def test_names_are_unique(as_alice: Connection) -> None:
    answer = as_alice.ask("devicetype/insert", deviceType={"name": "Cameras"})
    text = "Device type cannot be created. Device type with such name already exists"
    assert answer == refused("devicetype/insert", 403, text)


def test_names_differ_by_case(as_alice: Connection) -> None:
    answer = as_alice.ask("devicetype/insert", deviceType={"name": "cameras"})
    assert answer["status"] == "success"
