"""network/update (protocol, 5.8.4)."""

import pytest

from devices.models import Network, User
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
        ({"name": "Barn"}, ("Barn", "Old")),
        ({"description": "New"}, ("Shed", "New")),
        ({"name": "Barn", "description": "New"}, ("Barn", "New")),
        ({}, ("Shed", "Old")),
        ({"name": None, "description": None}, ("Shed", "Old")),
        ({"description": ""}, ("Shed", "")),
        ({"name": "Shed"}, ("Shed", "Old")),
        ({"id": "ignored", "name": "Barn", "devices": []}, ("Barn", "Old")),
    ],
)
def test_what_is_given_changes(
    as_alice: Connection, given: dict[str, object], stored: tuple[str, str]
) -> None:
    network = Network.objects.create(name="Shed", description="Old")
    answer = as_alice.ask("network/update", networkId=network.id, network=given)
    assert answer == success("network/update")
    network.refresh_from_db()
    assert (network.name, network.description) == stored


def test_anonymous_may_not(anonymous: Connection) -> None:
    answer = anonymous.ask("network/update", networkId=1, network={"name": "Barn"})
    assert answer == refused("network/update", 401, "Unauthorized")


def test_a_client_may_not(as_bob: Connection, network: Network) -> None:
    answer = as_bob.ask("network/update", networkId=network.id, network={"name": "Barn"})
    assert answer == refused("network/update", 403, "Access is denied")
    network.refresh_from_db()
    assert network.name == "bob's network"


def test_charlie_may_not(as_charlie: Connection) -> None:
    answer = as_charlie.ask("network/update", networkId=1, network={"name": "Barn"})
    assert answer == refused("network/update", 403, "Access is denied")


def test_it_needs_manage_network(alice: User) -> None:
    answer = connected(alice, a=(2, 18)).ask("network/update", networkId=1, network={})
    assert answer == refused("network/update", 403, "Access is denied")


def test_a_restricted_administrator_may_not_elsewhere(alice: User, network: Network) -> None:
    restricted = connected(alice, n=("1",))
    assert restricted.ask("network/update", networkId=1, network={}) == success("network/update")
    answer = restricted.ask("network/update", networkId=network.id, network={"name": "Barn"})
    assert answer == refused("network/update", 403, "Access is denied")


def test_membership_does_not_matter(charlie: User, network: Network) -> None:
    manager = connected(charlie, a=(14,), n=(str(network.id),))
    answer = manager.ask("network/update", networkId=network.id, network={"name": "Barn"})
    assert answer == success("network/update")


@pytest.mark.parametrize("network", ["Barn", 5, [], {"name": []}, {"description": {}}])
def test_other_types_are_malformed(as_alice: Connection, network: object) -> None:
    answer = as_alice.ask("network/update", network=network)
    assert answer == refused("network/update", 400, "Malformed Json received.")


def test_the_id_is_required(as_alice: Connection) -> None:
    answer = as_alice.ask("network/update", id=1)
    assert answer == refused("network/update", 400, "Network id is wrong or empty")


def test_it_must_exist(as_alice: Connection) -> None:
    answer = as_alice.ask("network/update", networkId=999)
    assert answer == refused("network/update", 404, "Network with id = 999 not found")


@pytest.mark.parametrize("members", [{}, {"network": None}])
def test_the_network_is_required(as_alice: Connection, members: dict[str, object]) -> None:
    answer = as_alice.ask("network/update", networkId=1, **members)
    assert answer == refused("network/update", 400, "Network is required")


@pytest.mark.parametrize(
    ("network", "violations"),
    [
        ({"name": ""}, f"\nOn property name (value: ): {LENGTH} ; "),
        ({"name": "n" * 129}, f"\nOn property name (value: {'n' * 129}): {LENGTH} ; "),
        ({"description": "d" * 129}, LONG_DESCRIPTION),
    ],
)
def test_lengths(as_alice: Connection, network: dict[str, object], violations: str) -> None:
    answer = as_alice.ask("network/update", networkId=1, network=network)
    assert answer == refused("network/update", 400, INVALID + violations)


def test_names_stay_unique(as_alice: Connection, network: Network) -> None:
    answer = as_alice.ask(
        "network/update", networkId=network.id, network={"name": "Sample Network"}
    )
    text = "Network cannot be created. Network with such name already exists"
    assert answer == refused("network/update", 403, text)
    network.refresh_from_db()
    assert network.name == "bob's network"
