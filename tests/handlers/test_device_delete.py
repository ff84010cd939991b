"""device/delete (protocol, 5.4.4)."""

import pytest

from devices.models import Device, User
from tests.conftest import Connection, connected, refused, success

FORBIDDEN = refused("device/delete", 403, "Access is denied")


def not_found(device_id: str) -> dict[str, object]:
    return refused("device/delete", 404, f"Device with such deviceId = {device_id} not found")


def test_a_device_is_gone(as_bob: Connection, device: Device) -> None:
    assert as_bob.ask("device/delete", deviceId=device.id) == success("device/delete")
    assert not Device.objects.filter(id=device.id).exists()


def test_no_other_device_is(as_bob: Connection, device: Device) -> None:
    before = Device.objects.count()
    as_bob.ask("device/delete", deviceId=device.id)
    assert Device.objects.count() == before - 1


def test_what_was_deleted_is_not_there(
    as_alice: Connection, as_bob: Connection, device: Device
) -> None:
    as_bob.ask("device/delete", deviceId=device.id)
    assert as_bob.ask("device/delete", deviceId=device.id) == FORBIDDEN
    assert as_alice.ask("device/delete", deviceId=device.id) == not_found(device.id)


@pytest.mark.parametrize("members", [{}, {"deviceId": None}])
def test_an_id_is_required(as_bob: Connection, members: dict[str, object]) -> None:
    assert as_bob.ask("device/delete", **members) == refused(
        "device/delete", 400, "Device id is wrong or empty"
    )


def test_charlie_may_not(as_charlie: Connection, charlie: User, device: Device) -> None:
    assert as_charlie.ask("device/delete", deviceId=device.id) == FORBIDDEN
    everything = connected(charlie, n=("*",), dt=("*",))
    assert everything.ask("device/delete", deviceId=device.id) == not_found(device.id)
    assert Device.objects.filter(id=device.id).exists()


def test_anonymous_may_not(anonymous: Connection, device: Device) -> None:
    assert anonymous.ask("device/delete", deviceId=device.id) == refused(
        "device/delete", 401, "Unauthorized"
    )


def test_the_permission_is_needed(bob: User, device: Device) -> None:
    assert connected(bob, a=(3,)).ask("device/delete", deviceId=device.id) == FORBIDDEN
    assert Device.objects.filter(id=device.id).exists()


def test_a_limited_token_limits_an_administrator(alice: User, device: Device) -> None:
    assert connected(alice, n=("1",)).ask("device/delete", deviceId=device.id) == FORBIDDEN
    own = connected(alice, n=(str(device.network_id),))
    assert own.ask("device/delete", deviceId=device.id) == success("device/delete")
