"""user/list and user/count (protocol, 5.10.1)."""

from typing import Any

import pytest

from devicehive.protocol.permissions import Permission
from devices.models import User
from tests.conftest import Connection, connected, refused, success
from tests.factories import make_user


@pytest.fixture
def as_alice(alice: User) -> Connection:
    """alice, in an installation with ann, anna, Anna and a_na, of whom anna is disabled."""
    for login in ("ann", "anna", "Anna", "a_na"):
        make_user(login)
    User.objects.filter(login="anna").update(status=User.Status.DISABLED)
    return connected(alice)


def logins(connection: Connection, **members: Any) -> list[str]:
    return [user["login"] for user in connection.ask("user/list", **members)["users"]]


def as_manager(user: User) -> Connection:
    return connected(user, a=(Permission.MANAGE_USER.value,))


def test_a_user_has_eight_members(bob: User) -> None:
    User.objects.update(data='{"b": 1.50, "a": null}', intro_reviewed=True)
    manager = as_manager(bob)
    User.objects.update(last_login="2026-01-02T03:04:05.678999Z")
    user = {
        "id": bob.pk,
        "login": "bob",
        "role": 1,
        "status": 0,
        "lastLogin": "2026-01-02T03:04:05.678",
        "data": {"b": 1.5, "a": None},
        "introReviewed": True,
        "allDeviceTypesAvailable": True,
    }
    assert manager.ask("user/list") == success("user/list", users=[user])


def test_whoever_manages_users_sees_all(as_alice: Connection, bob: User) -> None:
    assert logins(as_manager(bob)) == ["alice", "ann", "anna", "Anna", "a_na", "bob"]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, ["alice", "ann", "anna", "Anna", "a_na"]),
        ({"login": "ann"}, ["ann"]),
        ({"login": "ANN"}, []),
        ({"login": ""}, []),
        ({"loginPattern": "ann%"}, ["ann", "anna"]),
        ({"loginPattern": "a_na"}, ["anna", "a_na"]),
        ({"loginPattern": r"a\_na"}, ["a_na"]),
        ({"loginPattern": ""}, []),
        ({"loginPattern": "ann%", "login": "alice"}, ["ann", "anna"]),
        ({"role": 0}, ["alice"]),
        ({"role": 1, "loginPattern": "%a"}, ["anna", "Anna", "a_na"]),
        ({"role": 2147483647}, []),
        ({"status": 2}, ["anna"]),
        ({"status": 1}, []),
        ({"login": None, "role": None}, ["alice", "ann", "anna", "Anna", "a_na"]),
    ],
)
def test_the_users_that_match_are_shown_and_counted(
    as_alice: Connection, members: dict[str, Any], expected: list[str]
) -> None:
    assert logins(as_alice, **members) == expected
    assert as_alice.ask("user/count", **members) == success("user/count", count=len(expected))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"sortField": "login"}, ["Anna", "a_na", "alice", "ann", "anna"]),
        ({"sortField": "LOGIN", "sortOrder": "desc"}, ["anna", "ann", "alice", "a_na", "Anna"]),
        ({"sortField": "id", "sortOrder": "DESC"}, ["a_na", "Anna", "anna", "ann", "alice"]),
        ({"sortOrder": "DESC"}, ["alice", "ann", "anna", "Anna", "a_na"]),
        ({"take": 2}, ["alice", "ann"]),
        ({"take": 2, "skip": 1}, ["ann", "anna"]),
        ({"take": 0}, []),
        ({"skip": 5}, []),
    ],
)
def test_order_and_pages(
    as_alice: Connection, members: dict[str, Any], expected: list[str]
) -> None:
    assert logins(as_alice, **members) == expected


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"sortField": "role"}, "Invalid request parameters"),
        ({"sortField": ""}, "Invalid request parameters"),
        ({"sortOrder": "up"}, "Unparseable sort order : up"),
        ({"sortField": "role", "sortOrder": "up"}, "Invalid request parameters"),
        ({"take": -1}, "Invalid request parameters"),
        ({"skip": -1}, "Invalid request parameters"),
    ],
)
def test_what_cannot_be_listed_is_refused(
    as_alice: Connection, members: dict[str, Any], text: str
) -> None:
    assert as_alice.ask("user/list", **members) == refused("user/list", 400, text)


def test_twenty_unless_asked_for_more(as_alice: Connection) -> None:
    for number in range(20):
        make_user(f"user-{number}")
    assert len(logins(as_alice)) == 20
    assert len(logins(as_alice, take=10_000)) == 25
