"""user/get and user/getCurrent (protocol, 5.10.2 and 5.10.3)."""

from typing import Any

import pytest

from devicehive.protocol.permissions import Permission
from devices.models import Network, User
from tests.conftest import Connection, connected, refused, success


def full(user: User, *networks: Network) -> dict[str, Any]:
    """What is answered about a user who never logged in."""
    return {
        "id": user.pk,
        "login": user.login,
        "role": user.role,
        "status": user.status,
        "lastLogin": None,
        "data": None,
        "introReviewed": False,
        "allDeviceTypesAvailable": True,
        "networks": [
            {"id": network.pk, "name": network.name, "description": network.description}
            for network in networks
        ],
    }


def test_an_administrator_gets_anyone(as_alice: Connection, bob: User, network: Network) -> None:
    first = Network.objects.get(pk=1)
    bob.networks.add(first)
    answer = as_alice.ask("user/get", userId=bob.pk)
    assert answer == success("user/get", user=full(bob, first, network))


def test_the_id_may_be_digits(as_alice: Connection, charlie: User) -> None:
    answer = as_alice.ask("user/get", userId=str(charlie.pk))
    assert answer == success("user/get", user=full(charlie))


def test_data_comes_back_as_it_is_stored(as_alice: Connection, charlie: User) -> None:
    User.objects.filter(pk=charlie.pk).update(data='{"z":12345678901234567890123,"a":{"b":null}}')
    answer = as_alice.ask("user/get", userId=charlie.pk)
    assert answer["user"]["data"] == {"z": 12345678901234567890123, "a": {"b": None}}
    assert list(answer["user"]["data"]) == ["z", "a"]


def test_the_last_login_has_milliseconds_and_no_zone(as_alice: Connection, charlie: User) -> None:
    User.objects.filter(pk=charlie.pk).update(last_login="2026-01-02T03:04:05.678999Z")
    answer = as_alice.ask("user/get", userId=charlie.pk)
    assert answer["user"]["lastLogin"] == "2026-01-02T03:04:05.678"


@pytest.mark.parametrize("members", [{}, {"userId": None}])
def test_the_id_is_required(as_alice: Connection, members: dict[str, Any]) -> None:
    answer = as_alice.ask("user/get", **members)
    assert answer == refused("user/get", 400, "User id is wrong or empty")


def test_an_unknown_user_is_refused(as_alice: Connection) -> None:
    answer = as_alice.ask("user/get", userId=-1)
    assert answer == refused("user/get", 404, "User with id = -1 not found")


def test_a_client_who_manages_users_does_not_find_others(bob: User, charlie: User) -> None:
    answer = connected(bob, a=(Permission.MANAGE_USER.value,)).ask("user/get", userId=charlie.pk)
    assert answer == refused("user/get", 404, f"User with id = {charlie.pk} not found")


def test_a_client_who_manages_users_gets_itself(bob: User) -> None:
    answer = connected(bob, a=(Permission.MANAGE_USER.value,)).ask("user/get", userId=bob.pk)
    assert answer["user"]["login"] == "bob"


def test_an_administrator_with_a_token_for_one_network_gets_anyone(
    alice: User, bob: User, network: Network
) -> None:
    answer = connected(alice, n=("1",), dt=("1",)).ask("user/get", userId=bob.pk)
    assert answer == success("user/get", user=full(bob, network))


def test_current_is_the_caller(as_bob: Connection, bob: User, network: Network) -> None:
    User.objects.update(last_login=None)
    answer = as_bob.ask("user/getCurrent", userId=-1)
    assert answer == success("user/getCurrent", current=full(bob, network))


def test_current_is_read_anew(as_bob: Connection, bob: User) -> None:
    """The connection keeps working for a user who was locked out meanwhile (1.4)."""
    User.objects.filter(pk=bob.pk).update(status=User.Status.LOCKED_OUT)
    assert as_bob.ask("user/getCurrent")["current"]["status"] == 1


def test_current_was_deleted(as_bob: Connection, bob: User) -> None:
    bob.delete()
    answer = as_bob.ask("user/getCurrent")
    assert answer == refused("user/getCurrent", 409, "Can not get current user.")
