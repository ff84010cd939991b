"""devicetype/delete (protocol, 5.9)."""

import pytest

from devices.models import Device, DeviceType, User
from tests.conftest import Connection, connected, refused, success


def test_a_type_without_devices_is_deleted(as_alice: Connection, device_type: DeviceType) -> None:
    assert as_alice.ask("devicetype/delete", deviceTypeId=device_type.id) == success(
        "devicetype/delete"
    )
    assert not DeviceType.objects.filter(id=device_type.id).exists()


def test_assignments_go_too_and_users_stay(
    as_alice: Connection, bob: User, device_type: DeviceType
) -> None:
    bob.device_types.add(device_type)
    as_alice.ask("devicetype/delete", deviceTypeId=device_type.id)
    assert not User.objects.get(pk=bob.pk).device_types.exists()


def test_anonymous_may_not(anonymous: Connection) -> None:
    answer = anonymous.ask("devicetype/delete", deviceTypeId=1, force=True)
    assert answer == refused("devicetype/delete", 401, "Unauthorized")


def test_a_client_may_not(as_bob: Connection, device_type: DeviceType) -> None:
    answer = as_bob.ask("devicetype/delete", deviceTypeId=device_type.id)
    assert answer == refused("devicetype/delete", 403, "Access is denied")
    assert DeviceType.objects.filter(id=device_type.id).exists()


def test_charlie_may_not(as_charlie: Connection) -> None:
    answer = as_charlie.ask("devicetype/delete", deviceTypeId=1, force=True)
    assert answer == refused("devicetype/delete", 403, "Access is denied")


def test_it_needs_manage_device_type(alice: User) -> None:
    answer = connected(alice, a=(14, 17)).ask("devicetype/delete", deviceTypeId=1, force=True)
    assert answer == refused("devicetype/delete", 403, "Access is denied")


def test_a_restricted_administrator_may_not_elsewhere(alice: User, device_type: DeviceType) -> None:
    User.objects.update(all_device_types_available=False)
    alice.refresh_from_db()
    answer = connected(alice, dt=("1",)).ask("devicetype/delete", deviceTypeId=device_type.id)
    assert answer == refused("devicetype/delete", 403, "Access is denied")


@pytest.mark.parametrize("members", [{}, {"deviceTypeId": None, "id": 1}])
def test_the_id_is_required(as_alice: Connection, members: dict[str, object]) -> None:
    answer = as_alice.ask("devicetype/delete", **members)
    assert answer == refused("devicetype/delete", 400, "Device type id is wrong or empty")


@pytest.mark.parametrize("force", [1, [], {}])
def test_force_of_another_type_is_malformed(as_alice: Connection, force: object) -> None:
    answer = as_alice.ask("devicetype/delete", deviceTypeId=1, force=force)
    assert answer == refused("devicetype/delete", 400, "Malformed Json received.")


@pytest.mark.parametrize("members", [{}, {"force": False}, {"force": None}, {"force": "no"}])
def test_devices_keep_it(
    as_alice: Connection, device_type: DeviceType, device: Device, members: dict[str, object]
) -> None:
    Device.objects.create(id="a-fan", name="Fan", network_id=1, device_type=device_type)
    answer = as_alice.ask("devicetype/delete", deviceTypeId=device_type.id, **members)
    text = (
        "There are the following devices within this device type: a-fan, bobs-lamp. "
        "Please review and delete them first."
    )
    assert answer == refused("devicetype/delete", 400, text)
    assert DeviceType.objects.filter(id=device_type.id).exists()


def test_devices_that_the_caller_cannot_see_keep_it_too(
    alice: User, device_type: DeviceType, device: Device
) -> None:
    answer = connected(alice, n=("1",)).ask("devicetype/delete", deviceTypeId=device_type.id)
    assert answer["code"] == 400
    assert "bobs-lamp" in answer["error"]


@pytest.mark.parametrize("force", [True, "true"])
def test_force_deletes_its_devices_and_no_others(
    as_alice: Connection, device_type: DeviceType, device: Device, force: object
) -> None:
    answer = as_alice.ask("devicetype/delete", deviceTypeId=device_type.id, force=force)
    assert answer == success("devicetype/delete")
    assert [each.name for each in Device.objects.all()] == ["Sample Device"]


@pytest.mark.parametrize("force", [False, True])
def test_it_must_exist(as_alice: Connection, force: bool) -> None:
    answer = as_alice.ask("devicetype/delete", deviceTypeId=999, force=force)
    assert answer == refused("devicetype/delete", 404, "Device type with id = 999 not found")
