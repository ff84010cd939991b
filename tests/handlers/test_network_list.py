"""network/list: who sees which (protocol, 5.8.1, with 3.3)."""

from typing import Any

from devices.models import Network, User
from tests.conftest import Connection, connected, success

SAMPLE = {"id": 1, "name": "Sample Network", "description": "A DeviceHive Sample Network"}


def names(connection: Connection, **members: Any) -> list[str]:
    answer = connection.ask("network/list", **members)
    assert answer["status"] == "success", answer
    return [network["name"] for network in answer["networks"]]


def test_an_administrator_sees_all(as_alice: Connection, network: Network) -> None:
    bobs = {"id": network.id, "name": "bob's network", "description": None}
    answer = as_alice.ask("network/list")
    assert answer == success("network/list", networks=[SAMPLE, bobs])


def test_a_member_sees_its_networks(as_bob: Connection) -> None:
    assert names(as_bob) == ["bob's network"]


def test_charlie_may_not_see_any(as_charlie: Connection, network: Network) -> None:
    assert as_charlie.ask("network/list") == success("network/list", networks=[])


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


def test_filters_reach_no_further_than_visibility(as_bob: Connection) -> None:
    assert names(as_bob, namePattern="%") == ["bob's network"]
