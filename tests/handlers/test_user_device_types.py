"""user/*DeviceType* (protocol, 5.10.10 to 5.10.13)."""

from typing import Any

import pytest

from devicehive.protocol.permissions import Permission
from devices.models import DeviceType, User
from tests.conftest import Connection, connected, refused, success

ACTIONS = ["user/getDeviceType", "user/assignDeviceType", "user/unassignDeviceType"]
CHANGES = ACTIONS[1:]
OF_ALL = ["user/getDeviceTypes", "user/allowAllDeviceTypes", "user/disallowAllDeviceTypes"]


@pytest.fixture
def dora(charlie: User, device_type: DeviceType) -> User:
    """A user with one device type."""
    User.objects.filter(pk=charlie.pk).update(login="dora", all_device_types_available=False)
    charlie.device_types.add(device_type)
    return User.objects.get(pk=charlie.pk)


def ask(connection: Connection, action: str, user: User, type_: DeviceType) -> dict[str, Any]:
    return connection.ask(f"user/{action}", userId=user.pk, deviceTypeId=type_.pk)


@pytest.mark.parametrize("action", ACTIONS + OF_ALL)
def test_a_user_is_required(as_alice: Connection, action: str) -> None:
    assert as_alice.ask(action) == refused(action, 400, "User id is wrong or empty")


@pytest.mark.parametrize("action", ACTIONS)
def test_a_type_before_the_unknown_user(as_alice: Connection, action: str) -> None:
    answer = as_alice.ask(action, userId=-1)
    assert answer == refused(action, 400, "Device type id is wrong or empty")


@pytest.mark.parametrize("action", ACTIONS + OF_ALL)
def test_an_unknown_user_is_refused(as_alice: Connection, action: str) -> None:
    answer = as_alice.ask(action, userId=-1, deviceTypeId=-2)
    assert answer == refused(action, 404, "User with id = -1 not found")


@pytest.mark.parametrize("action", CHANGES)
def test_a_user_with_all_types_before_the_unknown_type(
    as_alice: Connection, bob: User, action: str
) -> None:
    answer = as_alice.ask(action, userId=bob.pk, deviceTypeId=-2)
    text = "Cannot assign device type to user with all device types allowed"
    assert answer == refused(action, 403, text)


@pytest.mark.parametrize("action", CHANGES)
def test_an_unknown_type_is_not_found(as_alice: Connection, dora: User, action: str) -> None:
    answer = as_alice.ask(action, userId=dora.pk, deviceTypeId=-2)
    assert answer == refused(action, 404, "Device type with id = -2 not found")


def test_a_type_is_nested_twice(as_alice: Connection, dora: User, device_type: DeviceType) -> None:
    shown = {"id": device_type.pk, "name": "Sensors", "description": None}
    answer = ask(as_alice, "getDeviceType", dora, device_type)
    assert answer == success("user/getDeviceType", deviceType={"deviceType": shown})


def test_all_types_are_no_assignment(
    as_alice: Connection, bob: User, device_type: DeviceType
) -> None:
    answer = ask(as_alice, "getDeviceType", bob, device_type)
    text = f"Device type with id {device_type.pk} for user with id {bob.pk} not found"
    assert answer == refused("user/getDeviceType", 404, text)


def test_a_client_asks_about_itself(dora: User, device_type: DeviceType) -> None:
    answer = ask(connected(dora), "getDeviceType", dora, device_type)
    assert answer["deviceType"]["deviceType"]["id"] == device_type.pk


def test_a_client_does_not_find_others(
    as_bob: Connection, dora: User, device_type: DeviceType
) -> None:
    answer = ask(as_bob, "getDeviceType", dora, device_type)
    assert answer == refused("user/getDeviceType", 404, f"User with id = {dora.pk} not found")


def test_the_types_of_a_user(as_alice: Connection, dora: User, device_type: DeviceType) -> None:
    dora.device_types.add(2)
    answer = as_alice.ask("user/getDeviceTypes", userId=dora.pk)
    types = [
        {"id": 2, "name": "Cameras", "description": None},
        {"id": device_type.pk, "name": "Sensors", "description": None},
    ]
    assert answer == success("user/getDeviceTypes", deviceTypes=types)


def test_a_user_without_types(as_alice: Connection, dora: User) -> None:
    dora.device_types.clear()
    answer = as_alice.ask("user/getDeviceTypes", userId=dora.pk)
    assert answer == success("user/getDeviceTypes", deviceTypes=[])


def test_all_types_without_limit(as_alice: Connection, bob: User) -> None:
    DeviceType.objects.bulk_create(DeviceType(name=f"Type {number}") for number in range(20))
    answer = as_alice.ask("user/getDeviceTypes", userId=bob.pk)
    assert len(answer["deviceTypes"]) == DeviceType.objects.count() == 28


def test_assigned_twice_is_assigned(as_alice: Connection, dora: User) -> None:
    cameras = DeviceType.objects.get(name="Cameras")
    for _ in range(2):
        answer = ask(as_alice, "assignDeviceType", dora, cameras)
        assert answer == success("user/assignDeviceType")
    assert [each.name for each in dora.device_types.order_by("id")] == ["Cameras", "Sensors"]


def test_unassigned_twice_is_unassigned(
    as_alice: Connection, dora: User, device_type: DeviceType
) -> None:
    for _ in range(2):
        answer = ask(as_alice, "unassignDeviceType", dora, device_type)
        assert answer == success("user/unassignDeviceType")
    assert not dora.device_types.exists()


def test_allowed_all_types_and_none_of_its_own(as_alice: Connection, dora: User) -> None:
    for _ in range(2):
        answer = as_alice.ask("user/allowAllDeviceTypes", userId=dora.pk)
        assert answer == success("user/allowAllDeviceTypes")
    dora.refresh_from_db()
    assert dora.all_device_types_available
    assert not dora.device_types.exists()


def test_no_types_until_some_are_assigned(
    as_alice: Connection, bob: User, device_type: DeviceType
) -> None:
    for _ in range(2):
        answer = as_alice.ask("user/disallowAllDeviceTypes", userId=bob.pk)
        assert answer == success("user/disallowAllDeviceTypes")
    assert not User.objects.get(pk=bob.pk).all_device_types_available
    assert as_alice.ask("user/getDeviceTypes", userId=bob.pk)["deviceTypes"] == []
    assert ask(as_alice, "assignDeviceType", bob, device_type)["status"] == "success"


def test_disallowing_keeps_what_is_assigned(as_alice: Connection, dora: User) -> None:
    as_alice.ask("user/disallowAllDeviceTypes", userId=dora.pk)
    assert dora.device_types.exists()


@pytest.mark.parametrize("action", ACTIONS)
def test_the_types_of_a_token_do_not_limit_whom_an_administrator_assigns(
    alice: User, dora: User, device_type: DeviceType, action: str
) -> None:
    """There is no gate for the type here (3.5)."""
    User.objects.filter(pk=alice.pk).update(all_device_types_available=False)
    connection = connected(User.objects.get(pk=alice.pk), dt=("1",))
    answer = connection.ask(action, userId=dora.pk, deviceTypeId=device_type.pk)
    assert answer["status"] == "success"


def test_a_client_with_the_permission_reads_the_types_of_anyone(bob: User, dora: User) -> None:
    connection = connected(bob, a=(Permission.MANAGE_DEVICE_TYPE.value,))
    assert connection.ask("user/getDeviceTypes", userId=dora.pk)["status"] == "success"
