"""device/get (protocol, 5.4.1)."""

import pytest

from devices.models import Device, User
from tests.conftest import Connection, connected, refused, success

FORBIDDEN = refused("device/get", 403, "Access is denied")


def not_found(device_id: str) -> dict[str, object]:
    return refused("device/get", 404, f"Device with such deviceId = {device_id} not found")


def test_the_whole_device(as_bob: Connection, device: Device) -> None:
    assert as_bob.ask("device/get", deviceId=device.id) == success(
        "device/get",
        device={
            "id": "bobs-lamp",
            "name": "Lamp",
            "data": {"on": True},
            "networkId": device.network_id,
            "deviceTypeId": device.device_type_id,
            "isBlocked": False,
        },
    )


def test_a_device_without_data(as_alice: Connection) -> None:
    assert as_alice.ask("device/get", deviceId="e50d6085-2aba-48e9-b1c3-73c673e414be") == success(
        "device/get",
        device={
            "id": "e50d6085-2aba-48e9-b1c3-73c673e414be",
            "name": "Sample Device",
            "data": None,
            "networkId": 1,
            "deviceTypeId": 1,
            "isBlocked": False,
        },
    )


def test_a_number_is_an_id(as_bob: Connection, device: Device) -> None:
    as_bob.ask("device/save", deviceId=999999, device={"name": "Number"})
    assert as_bob.ask("device/get", deviceId=999999)["device"]["id"] == "999999"


def test_data_comes_back_as_it_was_sent(as_bob: Connection) -> None:
    data = '{"z":1,"a":{"n":null},"big":123456789012345678901234567890,"d":0.10,"e":1E5}'
    as_bob.send(
        f'{{"action":"device/save","deviceId":"lamp","device":{{"name":"Lamp","data":{data}}}}}'
    )
    assert f'"data":{data},' in as_bob.text('{"action":"device/get","deviceId":"lamp"}')


def test_a_long_device_is_as_any_other(as_bob: Connection, as_charlie: Connection) -> None:
    long = {"noise": "x" * 5_000}
    as_bob.ask("device/save", deviceId="long", device={"name": "Long", "data": long})
    assert as_bob.ask("device/get", deviceId="long")["device"]["data"] == long
    assert as_charlie.ask("device/get", deviceId="long") == FORBIDDEN


@pytest.mark.parametrize("members", [{}, {"deviceId": None}])
def test_an_id_is_required(as_bob: Connection, members: dict[str, object]) -> None:
    assert as_bob.ask("device/get", **members) == refused(
        "device/get", 400, "Device id is wrong or empty"
    )


@pytest.mark.parametrize("device_id", ["nothing", "", "BOBS-LAMP", "a b", "%", "x" * 1000])
def test_an_unknown_id(as_alice: Connection, as_bob: Connection, device_id: str) -> None:
    assert as_alice.ask("device/get", deviceId=device_id) == not_found(device_id)
    assert as_bob.ask("device/get", deviceId=device_id) == FORBIDDEN


def test_charlie_may_not(as_charlie: Connection, device: Device) -> None:
    assert as_charlie.ask("device/get", deviceId=device.id) == FORBIDDEN


def test_charlie_with_a_token_for_everything_sees_no_more(charlie: User, device: Device) -> None:
    everything = connected(charlie, n=("*",), dt=("*",))
    assert everything.ask("device/get", deviceId=device.id) == not_found(device.id)


def test_anonymous_may_not(anonymous: Connection, device: Device) -> None:
    for device_id in device.id, "nothing", None:
        assert anonymous.ask("device/get", deviceId=device_id) == refused(
            "device/get", 401, "Unauthorized"
        )


def test_the_permission_is_needed(bob: User, device: Device) -> None:
    connection = connected(bob, a=(6,))
    assert connection.ask("device/get", deviceId=device.id) == FORBIDDEN
    assert connection.ask("device/get") == FORBIDDEN


def test_a_limited_token_limits_an_administrator(alice: User, device: Device) -> None:
    limited = connected(alice, n=("1",))
    assert limited.ask("device/get", deviceId=device.id) == FORBIDDEN
    assert limited.ask("device/get", deviceId="nothing") == FORBIDDEN
    own = connected(alice, n=(str(device.network_id),))
    assert own.ask("device/get", deviceId=device.id)["status"] == "success"


@pytest.mark.parametrize("n", [None, ()])
def test_a_token_without_networks_sees_nothing(
    bob: User, device: Device, n: tuple[str, ...] | None
) -> None:
    assert connected(bob, n=n).ask("device/get", deviceId=device.id) == FORBIDDEN


def test_a_token_limits_types(bob: User, device: Device) -> None:
    bob.all_device_types_available = False
    bob.save()
    bob.device_types.set([1, device.device_type_id])
    for dt, status in [((str(device.device_type_id),), "success"), (("1",), "error")]:
        assert connected(bob, dt=dt).ask("device/get", deviceId=device.id)["status"] == status
    assert connected(bob, dt=None).ask("device/get", deviceId=device.id) == FORBIDDEN


def test_membership_is_that_of_the_moment(as_bob: Connection, bob: User, device: Device) -> None:
    bob.networks.clear()
    assert as_bob.ask("device/get", deviceId=device.id) == FORBIDDEN
