"""devicetype/get: who gets which, and with which devices (protocol, 5.9)."""

from collections.abc import Mapping
from typing import Any

import pytest

from devices.models import Device, DeviceType, User
from tests.conftest import Connection, connected, refused, success

LAMP = {"id": "bobs-lamp", "name": "Lamp", "data": {"on": True}, "isBlocked": False}
SENSOR = {"id": "sensor", "name": "Sensor", "data": None, "isBlocked": False}


def full(device_type: DeviceType, *devices: Mapping[str, object]) -> dict[str, object]:
    described = {"id": device_type.id, "name": "Sensors", "description": None}
    return success("devicetype/get", deviceType={**described, "devices": list(devices)})


@pytest.fixture
def dave(db: None) -> User:
    """A client for whom no type is available yet."""
    return User.objects.create(login="dave", all_device_types_available=False)


def test_a_user_with_all_types_gets_any(as_bob: Connection, device_type: DeviceType) -> None:
    answer = as_bob.ask("devicetype/get", deviceTypeId=str(device_type.id))
    assert answer == full(device_type)


def test_it_comes_with_its_devices(as_alice: Connection, device: Device) -> None:
    answer = as_alice.ask("devicetype/get", deviceTypeId=device.device_type_id)
    assert answer == full(device.device_type, LAMP)


def test_a_user_gets_what_is_assigned(dave: User, device_type: DeviceType) -> None:
    dave.device_types.add(device_type)
    answer = connected(dave).ask("devicetype/get", deviceTypeId=device_type.id)
    assert answer == full(device_type)


def test_charlie_may_not_get_what_is_not_assigned(charlie: User) -> None:
    User.objects.update(all_device_types_available=False)
    charlie.refresh_from_db()
    answer = connected(charlie).ask("devicetype/get", deviceTypeId=1)
    assert answer == refused("devicetype/get", 403, "Access is denied")


@pytest.mark.parametrize("types", [("1",), (), None])
def test_a_token_that_does_not_list_it_may_not(
    dave: User, device_type: DeviceType, types: tuple[str, ...] | None
) -> None:
    dave.device_types.add(device_type)
    answer = connected(dave, dt=types).ask("devicetype/get", deviceTypeId=device_type.id)
    assert answer == refused("devicetype/get", 403, "Access is denied")


def test_the_list_in_a_token_is_void_for_a_user_with_all_types(bob: User) -> None:
    answer = connected(bob, dt=("1",)).ask("devicetype/get", deviceTypeId=999)
    assert answer == refused("devicetype/get", 404, "Device type with id = 999 not found")


def test_a_token_for_everything_does_not_assign_anything(dave: User) -> None:
    answer = connected(dave, dt=("*",)).ask("devicetype/get", deviceTypeId=1)
    assert answer == refused("devicetype/get", 404, "Device type with id = 1 not found")


def test_devices_are_those_of_the_networks_in_the_token(alice: User, device: Device) -> None:
    Device.objects.create(
        id="sensor", name="Sensor", network_id=1, device_type_id=device.device_type_id
    )
    everywhere = connected(alice).ask("devicetype/get", deviceTypeId=device.device_type_id)
    in_network_1 = connected(alice, n=("1",)).ask(
        "devicetype/get", deviceTypeId=device.device_type_id
    )
    assert everywhere == full(device.device_type, LAMP, SENSOR)
    assert in_network_1 == full(device.device_type, SENSOR)


@pytest.mark.parametrize("compatible", [False, True])
def test_charlie_sees_the_devices_of_others_in_compatible_mode_only(
    settings: Any, charlie: User, device: Device, compatible: bool
) -> None:
    settings.COMPATIBLE_MODE = compatible
    as_charlie = connected(charlie, n=("*",))
    answer = as_charlie.ask("devicetype/get", deviceTypeId=device.device_type_id)
    assert answer == full(device.device_type, *([LAMP] if compatible else []))


def test_a_client_sees_the_devices_of_its_networks(as_bob: Connection, device: Device) -> None:
    Device.objects.create(
        id="sensor", name="Sensor", network_id=1, device_type_id=device.device_type_id
    )
    answer = as_bob.ask("devicetype/get", deviceTypeId=device.device_type_id)
    assert answer == full(device.device_type, LAMP)
