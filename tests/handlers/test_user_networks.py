"""user/getNetwork, user/assignNetwork, user/unassignNetwork (protocol, 5.10.8 and 5.10.9)."""

from typing import Any

import pytest

from devicehive.protocol.permissions import Permission
from devices.models import Network, User
from tests.conftest import Connection, connected, refused, success

ACTIONS = ["user/getNetwork", "user/assignNetwork", "user/unassignNetwork"]
CHANGES = ACTIONS[1:]


def ask(connection: Connection, action: str, user: User, network: Network) -> dict[str, Any]:
    return connection.ask(f"user/{action}", userId=user.pk, networkId=network.pk)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_user_before_the_missing_network(as_alice: Connection, action: str) -> None:
    assert as_alice.ask(action) == refused(action, 400, "User id is wrong or empty")


@pytest.mark.parametrize("action", ACTIONS)
def test_a_network_before_the_unknown_user(as_alice: Connection, action: str) -> None:
    answer = as_alice.ask(action, userId=-1)
    assert answer == refused(action, 400, "Network id is wrong or empty")


@pytest.mark.parametrize("action", ACTIONS)
def test_an_unknown_user_before_the_unknown_network(as_alice: Connection, action: str) -> None:
    answer = as_alice.ask(action, userId=-1, networkId=-2)
    assert answer == refused(action, 404, "User with id = -1 not found")


@pytest.mark.parametrize("action", CHANGES)
def test_an_unknown_network_is_not_found(as_alice: Connection, bob: User, action: str) -> None:
    answer = as_alice.ask(action, userId=bob.pk, networkId=-2)
    assert answer == refused(action, 404, "Network with id = -2 not found")


def test_a_network_is_nested_twice(as_alice: Connection, bob: User, network: Network) -> None:
    shown = {"id": network.pk, "name": "bob's network", "description": None}
    answer = ask(as_alice, "getNetwork", bob, network)
    assert answer == success("user/getNetwork", network={"network": shown})


def test_a_network_without_the_user_is_not_found(
    as_alice: Connection, charlie: User, network: Network
) -> None:
    answer = ask(as_alice, "getNetwork", charlie, network)
    text = f"Network with id {network.pk} for user with id {charlie.pk} was not found"
    assert answer == refused("user/getNetwork", 404, text)


def test_a_client_asks_about_itself(as_bob: Connection, bob: User, network: Network) -> None:
    answer = ask(as_bob, "getNetwork", bob, network)
    assert answer["network"]["network"]["id"] == network.pk


def test_a_client_does_not_find_others(as_charlie: Connection, bob: User, network: Network) -> None:
    answer = ask(as_charlie, "getNetwork", bob, network)
    assert answer == refused("user/getNetwork", 404, f"User with id = {bob.pk} not found")


def test_assigned_twice_is_assigned(as_alice: Connection, charlie: User, network: Network) -> None:
    for _ in range(2):
        answer = ask(as_alice, "assignNetwork", charlie, network)
        assert answer == success("user/assignNetwork")
    assert list(charlie.networks.all()) == [network]


def test_unassigned_twice_is_unassigned(as_alice: Connection, bob: User, network: Network) -> None:
    for _ in range(2):
        answer = ask(as_alice, "unassignNetwork", bob, network)
        assert answer == success("user/unassignNetwork")
    assert not bob.networks.exists()


def test_the_other_networks_and_users_stay(
    as_alice: Connection, alice: User, bob: User, network: Network
) -> None:
    bob.networks.add(1)
    ask(as_alice, "unassignNetwork", bob, network)
    assert [each.pk for each in bob.networks.all()] == [1]
    assert [each.pk for each in alice.networks.all()] == [1]


def test_a_new_member_sees_the_network_with_a_new_token(
    as_alice: Connection, as_charlie: Connection, charlie: User, network: Network
) -> None:
    ask(as_alice, "assignNetwork", charlie, network)
    answer = as_charlie.ask("network/get", networkId=network.pk)
    assert answer == refused("network/get", 403, "Access is denied")
    answer = connected(charlie).ask("network/get", networkId=network.pk)
    assert answer["status"] == "success"


@pytest.mark.parametrize("action", ACTIONS)
def test_the_networks_of_a_token_do_not_limit_whom_an_administrator_assigns(
    alice: User, bob: User, network: Network, action: str
) -> None:
    """There is no gate for the network here (3.5)."""
    connection = connected(alice, n=("1",))
    answer = connection.ask(action, userId=bob.pk, networkId=network.pk)
    assert answer["status"] == "success"


def test_a_client_with_the_permission_assigns_anyone(
    bob: User, charlie: User, network: Network
) -> None:
    connection = connected(bob, a=(Permission.MANAGE_NETWORK.value,))
    assert ask(connection, "assignNetwork", charlie, network) == success("user/assignNetwork")
