"""network/get: who gets which, and with which devices (protocol, 5.8.2)."""

from typing import Any

import pytest

from devices.models import Device, Network, User
from tests.conftest import Connection, connected, refused, success

LAMP = {"id": "bobs-lamp", "name": "Lamp", "data": {"on": True}, "isBlocked": False}


def full(network: Network, *devices: dict[str, object]) -> dict[str, object]:
    described = {"id": network.id, "name": network.name, "description": network.description}
    return success("network/get", network={**described, "devices": list(devices)})


def test_a_member_gets_it_with_its_devices(
    as_bob: Connection, network: Network, device: Device
) -> None:
    assert as_bob.ask("network/get", networkId=network.id) == full(network, LAMP)


def test_a_network_without_devices_has_an_empty_list(as_bob: Connection, network: Network) -> None:
    assert as_bob.ask("network/get", networkId=str(network.id)) == full(network)


def test_an_administrator_gets_any(as_alice: Connection, network: Network) -> None:
    assert as_alice.ask("network/get", networkId=network.id) == full(network)


def test_charlie_may_not_get_it(as_charlie: Connection, network: Network) -> None:
    answer = as_charlie.ask("network/get", networkId=network.id)
    assert answer == refused("network/get", 403, "Access is denied")


@pytest.mark.parametrize("networks", [("1",), (), None])
def test_a_token_that_does_not_list_it_may_not(
    alice: User, network: Network, networks: tuple[str, ...] | None
) -> None:
    answer = connected(alice, n=networks).ask("network/get", networkId=network.id)
    assert answer == refused("network/get", 403, "Access is denied")


def test_a_restricted_token_may_not_learn_what_exists(as_bob: Connection) -> None:
    answer = as_bob.ask("network/get", networkId=999)
    assert answer == refused("network/get", 403, "Access is denied")


def test_charlie_with_a_token_for_everything_finds_nothing(charlie: User, network: Network) -> None:
    answer = connected(charlie, n=("*",)).ask("network/get", networkId=network.id)
    assert answer == refused("network/get", 404, f"Network with id = {network.id} not found")


def test_membership_is_that_of_now(as_bob: Connection, bob: User, network: Network) -> None:
    bob.networks.clear()
    answer = as_bob.ask("network/get", networkId=network.id)
    assert answer == refused("network/get", 404, f"Network with id = {network.id} not found")


def test_devices_are_those_of_the_types_in_the_token(
    bob: User, network: Network, device: Device
) -> None:
    User.objects.update(all_device_types_available=False)
    bob.refresh_from_db()
    Device.objects.create(id="camera", name="Camera", network=network, device_type_id=2)
    bob.device_types.set([2, device.device_type_id])
    only_lamps = connected(bob, dt=(str(device.device_type_id),))
    assert only_lamps.ask("network/get", networkId=network.id) == full(network, LAMP)


def test_devices_are_those_of_the_types_assigned_now(
    bob: User, network: Network, device: Device
) -> None:
    User.objects.update(all_device_types_available=False)
    bob.refresh_from_db()
    as_bob = connected(bob, dt=("*",))
    assert as_bob.ask("network/get", networkId=network.id) == full(network)
    bob.device_types.add(device.device_type_id)
    assert as_bob.ask("network/get", networkId=network.id) == full(network, LAMP)


@pytest.mark.parametrize("compatible", [False, True])
def test_a_token_that_lists_no_type_shows_all_devices_in_compatible_mode_only(
    settings: Any, bob: User, network: Network, device: Device, compatible: bool
) -> None:
    settings.COMPATIBLE_MODE = compatible
    User.objects.update(all_device_types_available=False)
    bob.refresh_from_db()
    answer = connected(bob, dt=()).ask("network/get", networkId=network.id)
    assert answer == full(network, *([LAMP] if compatible else []))


def test_devices_do_not_need_get_device(bob: User, network: Network, device: Device) -> None:
    assert connected(bob, a=(2,)).ask("network/get", networkId=network.id) == full(network, LAMP)
