"""network/delete (protocol, 5.8.5)."""

import pytest

from devices.models import Device, Network, User
from tests.conftest import Connection, connected, refused, success


def test_an_empty_network_is_deleted(as_alice: Connection, network: Network) -> None:
    assert as_alice.ask("network/delete", networkId=network.id) == success("network/delete")
    assert not Network.objects.filter(id=network.id).exists()


def test_memberships_go_too_and_users_stay(
    as_alice: Connection, bob: User, network: Network
) -> None:
    as_alice.ask("network/delete", networkId=network.id)
    assert not User.objects.get(pk=bob.pk).networks.exists()


def test_anonymous_may_not(anonymous: Connection) -> None:
    answer = anonymous.ask("network/delete", networkId=1, force=True)
    assert answer == refused("network/delete", 401, "Unauthorized")


def test_a_client_may_not(as_bob: Connection, network: Network) -> None:
    answer = as_bob.ask("network/delete", networkId=network.id)
    assert answer == refused("network/delete", 403, "Access is denied")
    assert Network.objects.filter(id=network.id).exists()


def test_charlie_may_not(as_charlie: Connection) -> None:
    answer = as_charlie.ask("network/delete", networkId=1, force=True)
    assert answer == refused("network/delete", 403, "Access is denied")


def test_it_needs_manage_network(alice: User) -> None:
    answer = connected(alice, a=(2, 18)).ask("network/delete", networkId=1, force=True)
    assert answer == refused("network/delete", 403, "Access is denied")


def test_a_restricted_administrator_may_not_elsewhere(alice: User, network: Network) -> None:
    answer = connected(alice, n=("1",)).ask("network/delete", networkId=network.id)
    assert answer == refused("network/delete", 403, "Access is denied")


@pytest.mark.parametrize("members", [{}, {"networkId": None, "id": 1}])
def test_the_id_is_required(as_alice: Connection, members: dict[str, object]) -> None:
    answer = as_alice.ask("network/delete", **members)
    assert answer == refused("network/delete", 400, "Network id is wrong or empty")


@pytest.mark.parametrize("force", [1, [], {}])
def test_force_of_another_type_is_malformed(as_alice: Connection, force: object) -> None:
    answer = as_alice.ask("network/delete", networkId=1, force=force)
    assert answer == refused("network/delete", 400, "Malformed Json received.")


@pytest.mark.parametrize("members", [{}, {"force": False}, {"force": None}, {"force": "no"}])
def test_devices_keep_it(
    as_alice: Connection, network: Network, device: Device, members: dict[str, object]
) -> None:
    Device.objects.create(id="a-fan", name="Fan", network=network, device_type_id=1)
    answer = as_alice.ask("network/delete", networkId=network.id, **members)
    text = (
        "There are the following devices within this network: a-fan, bobs-lamp. "
        "Please review and delete them first."
    )
    assert answer == refused("network/delete", 400, text)
    assert Network.objects.filter(id=network.id).exists()


def test_devices_that_the_caller_cannot_see_keep_it_too(
    alice: User, network: Network, device: Device
) -> None:
    User.objects.update(all_device_types_available=False)
    alice.refresh_from_db()
    answer = connected(alice, dt=("1",)).ask("network/delete", networkId=network.id)
    assert answer["code"] == 400
    assert "bobs-lamp" in answer["error"]


@pytest.mark.parametrize("force", [True, "true"])
def test_force_deletes_its_devices_and_no_others(
    as_alice: Connection, network: Network, device: Device, force: object
) -> None:
    answer = as_alice.ask("network/delete", networkId=network.id, force=force)
    assert answer == success("network/delete")
    assert [each.name for each in Device.objects.all()] == ["Sample Device"]


@pytest.mark.parametrize("force", [False, True])
def test_it_must_exist(as_alice: Connection, force: bool) -> None:
    answer = as_alice.ask("network/delete", networkId=999, force=force)
    assert answer == refused("network/delete", 404, "Network with id = 999 not found")
