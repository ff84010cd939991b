"""network/list (protocol, 5.8.1, with 3.3 and 7.3 to 7.5)."""

from typing import Any

import pytest

from devices.models import Network, User
from tests.conftest import Connection, connected, refused, success

SAMPLE = {"id": 1, "name": "Sample Network", "description": "A DeviceHive Sample Network"}


def names(connection: Connection, **members: Any) -> list[str]:
    answer = connection.ask("network/list", **members)
    assert answer["status"] == "success", answer
    return [network["name"] for network in answer["networks"]]


@pytest.fixture
def abc(db: None) -> None:
    """Three networks, named out of order."""
    Network.objects.bulk_create(Network(name=name) for name in ("b-1", "c_1", "a-1"))


# --- Who sees what -------------------------------------------------------------------------


def test_an_administrator_sees_all(as_alice: Connection, network: Network) -> None:
    bobs = {"id": network.id, "name": "bob's network", "description": None}
    answer = as_alice.ask("network/list")
    assert answer == success("network/list", networks=[SAMPLE, bobs])


def test_a_member_sees_its_networks(as_bob: Connection) -> None:
    assert names(as_bob) == ["bob's network"]


def test_charlie_may_not_see_any(as_charlie: Connection, network: Network) -> None:
    assert as_charlie.ask("network/list") == success("network/list", networks=[])


def test_anonymous_may_not_ask(anonymous: Connection) -> None:
    assert anonymous.ask("network/list") == refused("network/list", 401, "Unauthorized")


def test_it_needs_get_network(alice: User) -> None:
    answer = connected(alice, a=(3, 14)).ask("network/list")
    assert answer == refused("network/list", 403, "Access is denied")


def test_a_restricted_token_shows_what_it_lists(alice: User, network: Network) -> None:
    assert names(connected(alice, n=(str(network.id),))) == ["bob's network"]


def test_a_token_that_lists_no_network_shows_none(alice: User) -> None:
    assert names(connected(alice, n=())) == []


def test_a_token_without_networks_shows_none(alice: User) -> None:
    assert names(connected(alice, n=None)) == []


def test_a_token_for_everything_shows_no_more_than_memberships(bob: User) -> None:
    assert names(connected(bob, n=("*",))) == ["bob's network"]


def test_membership_is_that_of_now(as_bob: Connection, bob: User) -> None:
    bob.networks.clear()
    assert names(as_bob) == []


def test_what_a_request_says_of_its_principal_is_ignored(as_charlie: Connection) -> None:
    assert names(as_charlie, principal={"allNetworksAvailable": True}, id=1) == []


# --- Filters -------------------------------------------------------------------------------


def test_name_is_the_whole_name(as_alice: Connection, abc: None) -> None:
    assert names(as_alice, name="a-1") == ["a-1"]
    assert names(as_alice, name="a") == []
    assert names(as_alice, name="A-1") == []


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("%-1", ["b-1", "a-1"]),
        ("a%", ["a-1"]),
        ("_-1", ["b-1", "a-1"]),
        (r"_\_1", ["c_1"]),
        ("A%", []),
        ("a", []),
        ("", []),
        ("*", []),
        ("[ab]-1", []),
    ],
)
def test_name_pattern_is_like(
    as_alice: Connection, abc: None, pattern: str, found: list[str]
) -> None:
    assert names(as_alice, namePattern=pattern) == found


def test_name_and_pattern_must_both_match(as_alice: Connection, abc: None) -> None:
    assert names(as_alice, name="a-1", namePattern="a%") == ["a-1"]
    assert names(as_alice, name="a-1", namePattern="b%") == []


def test_filters_reach_no_further_than_visibility(as_bob: Connection, abc: None) -> None:
    assert names(as_bob, namePattern="%") == ["bob's network"]


# --- Order ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "order"),
    [
        ({}, ["b-1", "c_1", "a-1"]),
        ({"sortOrder": "DESC"}, ["b-1", "c_1", "a-1"]),
        ({"sortField": "id"}, ["b-1", "c_1", "a-1"]),
        ({"sortField": "ID", "sortOrder": "desc"}, ["a-1", "c_1", "b-1"]),
        ({"sortField": "name"}, ["a-1", "b-1", "c_1"]),
        ({"sortField": "Name", "sortOrder": "asc"}, ["a-1", "b-1", "c_1"]),
        ({"sortField": "name", "sortOrder": "DESC"}, ["c_1", "b-1", "a-1"]),
    ],
)
def test_sorting(
    as_alice: Connection, abc: None, members: dict[str, str], order: list[str]
) -> None:
    assert names(as_alice, namePattern="__1", **members) == order


def test_names_sort_by_code_point(as_alice: Connection) -> None:
    Network.objects.bulk_create(Network(name=name) for name in ("x é", "x a", "x B", "x _"))
    found = names(as_alice, namePattern="x%", sortField="name")
    assert found == ["x B", "x _", "x a", "x é"]


def test_an_unknown_sort_field_is_refused(as_charlie: Connection) -> None:
    answer = as_charlie.ask("network/list", sortField="description")
    assert answer == refused("network/list", 400, "Invalid request parameters")


def test_an_unknown_sort_order_is_refused(as_alice: Connection) -> None:
    answer = as_alice.ask("network/list", sortField="name", sortOrder="up")
    assert answer == refused("network/list", 400, "Unparseable sort order : up")


def test_the_sort_field_is_looked_at_first(as_alice: Connection) -> None:
    answer = as_alice.ask("network/list", sortField="description", sortOrder="up")
    assert answer == refused("network/list", 400, "Invalid request parameters")


# --- Pages ---------------------------------------------------------------------------------


@pytest.fixture
def thirty(db: None) -> list[str]:
    numbered = [f"n{number:02}" for number in range(30)]
    Network.objects.bulk_create(Network(name=name) for name in numbered)
    return numbered


def test_a_page_has_twenty(as_alice: Connection, thirty: list[str]) -> None:
    assert names(as_alice, namePattern="n__") == thirty[:20]


def test_skip_and_take(as_alice: Connection, thirty: list[str]) -> None:
    assert names(as_alice, namePattern="n__", skip=5, take="2") == ["n05", "n06"]
    assert names(as_alice, namePattern="n__", take=10000) == thirty
    assert names(as_alice, namePattern="n__", skip=30) == []
    assert names(as_alice, take=0) == []


@pytest.mark.parametrize("member", ["skip", "take"])
def test_negative_numbers_are_refused(as_alice: Connection, member: str) -> None:
    answer = as_alice.ask("network/list", **{member: -1})
    assert answer == refused("network/list", 400, "Invalid request parameters")


@pytest.mark.parametrize("members", [{"take": "all"}, {"skip": 1.5}, {"name": {}}])
def test_members_of_other_types_are_malformed(
    as_alice: Connection, members: dict[str, Any]
) -> None:
    answer = as_alice.ask("network/list", **members)
    assert answer == refused("network/list", 400, "Malformed Json received.")
