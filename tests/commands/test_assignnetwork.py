"""manage.py assignnetwork."""

from devices.models import Network, User
from tests.commands import run, run_refused


def test_a_member_by_name(charlie: User, network: Network) -> None:
    printed = run("assignnetwork", "charlie", "bob's network")
    assert printed == "charlie is a member of bob's network.\n"
    assert list(charlie.networks.all()) == [network]


def test_a_member_by_id(charlie: User, network: Network) -> None:
    run("assignnetwork", "charlie", str(network.pk))
    assert list(charlie.networks.all()) == [network]


def test_a_member_no_more(bob: User) -> None:
    printed = run("assignnetwork", "bob", "bob's network", "--remove")
    assert printed == "bob is no member of bob's network.\n"
    assert not bob.networks.exists()


def test_an_unknown_user_is_refused(network: Network) -> None:
    reason = "there is no user with the login dora"
    assert run_refused("assignnetwork", "dora", "1") == ("", reason)


def test_an_unknown_network_is_told(charlie: User) -> None:
    reason = "there is no network with the name Attic"
    assert run_refused("assignnetwork", "charlie", "Attic") == ("", reason)
