"""/user (REST 2.6)."""

from typing import Any

import pytest

from devices.models import DeviceType, Network, User
from tests.factories import make_user
from tests.rest.client import DONE, FORBIDDEN, INVALID, NO_BODY, UNAUTHORIZED, Rest, refused, rest


def listed(user: User) -> dict[str, Any]:
    return {
        "id": user.pk,
        "login": user.login,
        "role": user.role,
        "status": user.status,
        "lastLogin": None,
        "data": None,
        "introReviewed": False,
        "allDeviceTypesAvailable": True,
    }


def published(user: User, *networks: Network) -> dict[str, Any]:
    shown = [{"id": each.pk, "name": each.name, "description": None} for each in networks]
    return listed(user) | {"networks": shown}


def not_found(id_: int = 999999) -> tuple[int, Any]:
    return refused(404, f"User with id = {id_} not found")


# --- Reading -----------------------------------------------------------------------------------


def test_a_user_is_shown_with_its_networks(
    alice_rest: Rest, bob_rest: Rest, bob: User, network: Network
) -> None:
    assert alice_rest.get(f"user/{bob.pk}") == (200, published(bob, network))
    assert bob_rest.get("user/current") == (200, published(bob, network))
    assert alice_rest.get("user/999999") == not_found()


def test_a_client_sees_but_itself(bob: User, charlie: User, network: Network) -> None:
    manager = rest(bob, a=(12,))
    hidden = refused(403, f"User with id = {charlie.pk} not found")
    assert manager.get(f"user/{charlie.pk}") == hidden
    assert manager.get("user/999999") == refused(403, "User with id = 999999 not found")
    assert manager.get(f"user/{bob.pk}") == (200, published(bob, network))
    assert rest(bob).get(f"user/{bob.pk}") == FORBIDDEN


def test_users_are_listed_and_counted(alice_rest: Rest, bob: User, charlie: User) -> None:
    for number in range(25):
        make_user(f"it-{number:02}")
    assert len(alice_rest.get("user", loginPattern="it-%")[1]) == 25
    assert alice_rest.get("user", login="bob") == (200, [listed(bob)])
    assert alice_rest.get("user", login="bob", loginPattern="char%") == (200, [listed(charlie)])
    logins = alice_rest.get("user", sortField="LOGIN", sortOrder="DESC", take=2, role=1)[1]
    assert [each["login"] for each in logins] == ["it-24", "it-23"]
    assert alice_rest.get("user/count", loginPattern="it-%") == (200, {"count": 25})
    assert alice_rest.get("user", role="x") == INVALID


def test_who_may_not_manage_users(bob_rest: Rest, nobody: Rest, bob: User) -> None:
    for method, path in ("GET", "user"), ("GET", "user/count"), ("POST", "user"):
        assert bob_rest.ask(method, path) == FORBIDDEN
        assert nobody.ask(method, path) == UNAUTHORIZED


# --- Writing -----------------------------------------------------------------------------------


def test_a_user_is_made(alice_rest: Rest) -> None:
    body = {"login": "dora", "password": "secret phrase", "role": 1, "data": {"a": 1}}
    status, created = alice_rest.post("user", body)
    dora = User.objects.get(login="dora")
    assert (status, created) == (
        201,
        {
            "id": dora.pk,
            "lastLogin": None,
            "data": {"a": 1},
            "introReviewed": False,
            "allDeviceTypesAvailable": True,
        },
    )
    assert dora.check_password("secret phrase")


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (None, NO_BODY),
        ({"role": []}, INVALID),
        (
            {"login": "aaa", "password": "x", "role": 1},
            refused(400, "Password can contain only from 6 to 128 symbols!"),
        ),
        (
            {"login": "a", "password": "secret", "role": 1},
            refused(
                400, "Field cannot be empty. The length of login should be from 3 to 128 symbols."
            ),
        ),
        (
            {"login": "alice", "password": "secret", "role": 1},
            refused(403, "User with such login already exists. Please, select another one"),
        ),
    ],
)
def test_a_user_that_is_none_is_not_made(alice_rest: Rest, body: Any, answer: Any) -> None:
    users = User.objects.count()
    assert alice_rest.post("user", body) == answer
    assert User.objects.count() == users


def test_a_user_is_changed(alice_rest: Rest, bob: User) -> None:
    path = f"user/{bob.pk}"
    body = {"login": "robert", "data": {"a": 1}, "allDeviceTypesAvailable": False}
    assert alice_rest.put(path, body) == DONE
    bob.refresh_from_db()
    assert (bob.login, bob.data, bob.all_device_types_available) == ("robert", '{"a": 1}', True)
    assert alice_rest.put(path) == DONE
    bob.refresh_from_db()
    assert bob.data == '{"a": 1}'
    assert alice_rest.put(path, {}) == DONE
    bob.refresh_from_db()
    assert (bob.login, bob.data) == ("robert", None)


@pytest.mark.parametrize("body", [None, {}, {"status": 7}, {"status": []}, [], "x", 5])
def test_a_user_that_is_unknown_is_so_before_its_body_is_judged(
    alice_rest: Rest, bob: User, body: Any
) -> None:
    for number in "999999", "+999999", "0999999":
        assert alice_rest.put(f"user/{number}", body) == not_found()
    assert rest(bob, a=(12,)).put("user/999999", body) == not_found()


def test_nothing_changes_of_another_user_without_a_body(
    bob: User, charlie: User, charlie_rest: Rest
) -> None:
    manager, path = rest(bob, a=(12,)), f"user/{charlie.pk}"
    admin = refused(403, "Admin permissions required for this action")
    assert manager.put(path) == DONE
    assert manager.put(path, {}) == admin
    assert charlie_rest.put(path) == FORBIDDEN


def test_a_client_changes_its_own_password_and_data(bob_rest: Rest, bob: User) -> None:
    admin = refused(403, "Admin permissions required for this action")
    assert bob_rest.put("user/current", {"status": 0}) == admin
    assert bob_rest.put("user/current", {"login": "bob"}) == admin
    assert bob_rest.put("user/current", {"data": {"a": 1}}) == DONE
    assert bob_rest.put("user/current") == DONE
    bob.refresh_from_db()
    assert bob.data == '{"a": 1}'
    assert rest(bob, a=(11,)).put("user/current") == DONE
    assert rest(bob, a=(10,)).put("user/current") == FORBIDDEN


def test_a_user_is_deleted_but_not_by_itself(alice_rest: Rest, alice: User, bob: User) -> None:
    itself = "You can not delete a user or access key that you use to authenticate this request"
    assert alice_rest.delete(f"user/{alice.pk}") == refused(403, itself)
    assert alice_rest.delete(f"user/{bob.pk}") == DONE
    assert alice_rest.delete(f"user/{bob.pk}") == not_found(bob.pk)
    assert not User.objects.filter(pk=bob.pk).exists()


# --- Networks and device types of users ----------------------------------------------------------


def test_a_membership_begins_and_ends(
    alice_rest: Rest, charlie: User, charlie_rest: Rest, network: Network
) -> None:
    path = f"user/{charlie.pk}/network/{network.pk}"
    none = f"Network with id {network.pk} for user with id {charlie.pk} was not found"
    shown = {"id": network.pk, "name": network.name, "description": None}
    assert alice_rest.get(path) == refused(404, none)
    assert alice_rest.put(path) == alice_rest.put(path, {}) == DONE
    assert alice_rest.get(path) == charlie_rest.get(path) == (200, {"network": shown})
    assert alice_rest.delete(path) == alice_rest.delete(path) == DONE
    assert alice_rest.get(path) == refused(404, none)


def test_memberships_of_what_there_is_not(
    alice_rest: Rest, bob_rest: Rest, bob: User, charlie: User, network: Network
) -> None:
    no_network = refused(404, "Network with id = 999999 not found")
    assert alice_rest.put(f"user/{bob.pk}/network/999999") == no_network
    assert alice_rest.put(f"user/999999/network/{network.pk}") == not_found()
    assert bob_rest.put(f"user/{bob.pk}/network/{network.pk}") == FORBIDDEN
    assert bob_rest.get(f"user/{charlie.pk}/network/{network.pk}") == not_found(charlie.pk)
    assert alice_rest.get(f"user/{bob.pk}/network/x") == refused(404, "HTTP 404 Not Found")


def test_device_types_are_assigned_to_who_may_not_use_all(
    alice_rest: Rest, bob_rest: Rest, bob: User, device_type: DeviceType
) -> None:
    every = f"user/{bob.pk}/devicetype/all"
    path = f"user/{bob.pk}/devicetype/{device_type.pk}"
    shown = {"id": device_type.pk, "name": "Sensors", "description": None}
    has_all = refused(403, "Cannot assign device type to user with all device types allowed")
    none = f"Device type with id {device_type.pk} for user with id {bob.pk} not found"
    assert alice_rest.get(path) == bob_rest.get(path) == (200, {"deviceType": shown})
    assert alice_rest.put(path) == alice_rest.delete(path) == has_all
    assert len(alice_rest.get(f"user/{bob.pk}/devicetype")[1]) == DeviceType.objects.count()
    assert alice_rest.delete(every) == DONE
    assert alice_rest.get(path) == refused(404, none)
    assert alice_rest.put(path) == DONE
    assert alice_rest.get(path) == (200, {"deviceType": shown})
    assert alice_rest.get(f"user/{bob.pk}/devicetype") == (200, [shown])
    assert alice_rest.delete(path) == DONE
    assert alice_rest.get(f"user/{bob.pk}/devicetype") == (200, [])
    assert alice_rest.put(every) == DONE
    bob.refresh_from_db()
    assert bob.all_device_types_available


def test_a_type_that_there_is_not_is_nobodys(alice_rest: Rest, bob: User) -> None:
    none = f"Device type with id 999999 for user with id {bob.pk} not found"
    assert alice_rest.get(f"user/{bob.pk}/devicetype/999999") == refused(404, none)
    User.objects.update(all_device_types_available=False)
    unknown = refused(404, "Device type with id = 999999 not found")
    assert alice_rest.put(f"user/{bob.pk}/devicetype/999999") == unknown
