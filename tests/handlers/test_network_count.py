"""network/count: as many as network/list would list without paging (protocol, 5.8.1, R-18)."""

from typing import Any

import pytest

from devices.models import Network, User
from tests.conftest import Connection, connected, refused, success


def test_an_administrator_counts_all(as_alice: Connection, network: Network) -> None:
    assert as_alice.ask("network/count") == success("network/count", count=2)


def test_a_member_counts_its_networks(as_bob: Connection) -> None:
    assert as_bob.ask("network/count") == success("network/count", count=1)


def test_charlie_may_not_count_any(as_charlie: Connection, network: Network) -> None:
    assert as_charlie.ask("network/count") == success("network/count", count=0)


def test_anonymous_may_not_ask(anonymous: Connection) -> None:
    assert anonymous.ask("network/count") == refused("network/count", 401, "Unauthorized")


def test_it_needs_get_network(alice: User) -> None:
    answer = connected(alice, a=(3, 14)).ask("network/count")
    assert answer == refused("network/count", 403, "Access is denied")


def test_pages_do_not_count(as_alice: Connection) -> None:
    Network.objects.bulk_create(Network(name=f"n{number}") for number in range(30))
    answer = as_alice.ask("network/count", namePattern="n%", take=5, skip=29, sortField="?")
    assert answer == success("network/count", count=30)


@pytest.mark.parametrize("networks", [None, (), ("1",), ("1", "999"), ("*",)])
@pytest.mark.parametrize("members", [{}, {"name": "Sample Network"}, {"namePattern": "S%"}])
@pytest.mark.parametrize("role", User.Role)
def test_count_and_list_agree(
    bob: User, role: User.Role, networks: tuple[str, ...] | None, members: dict[str, Any]
) -> None:
    User.objects.update(role=role)
    bob.networks.add(1)
    connection = connected(User.objects.get(pk=bob.pk), a=(2,), n=networks)
    listed = connection.ask("network/list", **members)["networks"]
    assert connection.ask("network/count", **members)["count"] == len(listed)
