"""network/insert (protocol, 5.8.3)."""

import pytest

from devices.models import Network, User
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
    answer = as_alice.ask("network/insert", network={"name": "Barn", "description": "Old"})
    network = Network.objects.get(name="Barn")
    assert answer == success("network/insert", network={"id": network.id})
    assert network.description == "Old"


def test_the_creator_is_no_member(as_alice: Connection) -> None:
    as_alice.ask("network/insert", network={"name": "Barn"})
    assert not Network.objects.get(name="Barn").users.exists()


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
    created = as_alice.ask("network/insert", network=given)["network"]
    network = Network.objects.get(id=created["id"])
    assert (network.name, network.description) == stored


def test_anonymous_may_not(anonymous: Connection) -> None:
    answer = anonymous.ask("network/insert", network={"name": "Barn"})
    assert answer == refused("network/insert", 401, "Unauthorized")


def test_charlie_may_not(as_charlie: Connection) -> None:
    answer = as_charlie.ask("network/insert", network={"name": "Barn"})
    assert answer == refused("network/insert", 403, "Access is denied")
    assert not Network.objects.filter(name="Barn").exists()


def test_it_needs_manage_network(alice: User) -> None:
    answer = connected(alice, a=(2, 18)).ask("network/insert", network={"name": "Barn"})
    assert answer == refused("network/insert", 403, "Access is denied")


def test_a_restricted_administrator_may(alice: User) -> None:
    answer = connected(alice, n=("1",), dt=("1",)).ask("network/insert", network={"name": "Barn"})
    assert answer["status"] == "success"


@pytest.mark.parametrize("network", ["Barn", 5, [], {"name": []}, {"name": "n", "id": "x"}])
def test_other_types_are_malformed(as_alice: Connection, network: object) -> None:
    answer = as_alice.ask("network/insert", network=network)
    assert answer == refused("network/insert", 400, "Malformed Json received.")


@pytest.mark.parametrize("members", [{}, {"network": None}])
def test_the_network_is_required(as_alice: Connection, members: dict[str, object]) -> None:
    answer = as_alice.ask("network/insert", **members)
    assert answer == refused("network/insert", 400, "Network is required")


@pytest.mark.parametrize(
    ("network", "violations"),
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
def test_lengths(as_alice: Connection, network: dict[str, object], violations: str) -> None:
    answer = as_alice.ask("network/insert", network=network)
    assert answer == refused("network/insert", 400, INVALID + violations)


def test_the_server_gives_the_id(as_alice: Connection) -> None:
    # The name is taken too: the id is looked at first.
    answer = as_alice.ask("network/insert", network={"id": 7, "name": "Sample Network"})
    text = "Invalid request parameters. Id cannot be specified."
    assert answer == refused("network/insert", 400, text)
    assert not Network.objects.filter(id=7).exists()


def test_names_are_unique(as_alice: Connection) -> None:
    answer = as_alice.ask("network/insert", network={"name": "Sample Network"})
    text = "Network cannot be created. Network with such name already exists"
    assert answer == refused("network/insert", 403, text)


def test_names_differ_by_case(as_alice: Connection) -> None:
    answer = as_alice.ask("network/insert", network={"name": "sample network"})
    assert answer["status"] == "success"
