"""token: log in with a password (protocol, 2.4, 2.6 and 2.8)."""

import time
from typing import Any

import pytest
from django.conf import settings

from devicehive.protocol import jwts
from devicehive.protocol.claims import ACCESS, REFRESH, Claims
from devicehive.protocol.permissions import CLIENT
from devices.models import DeviceType, Network, User
from tests.conftest import Connection, refused, success
from tests.factories import PASSWORD

MISSING = refused("token", 400, "Invalid or empty authorization request parameters")
WRONG = refused("token", 401, "Invalid credentials")


def log_in(connection: Connection, login: str) -> tuple[Claims, Claims]:
    """The claims of the access and the refresh token."""
    answer = connection.ask("token", login=login, password=PASSWORD)
    access, refresh = answer["accessToken"], answer["refreshToken"]
    assert answer == success("token", accessToken=access, refreshToken=refresh)
    return jwts.verify(access).payload, jwts.verify(refresh).payload


def test_an_administrator_gets_tokens_for_everything(anonymous: Connection, alice: User) -> None:
    access, refresh = log_in(anonymous, "alice")
    for claims in access, refresh:
        assert (claims.u, claims.a, claims.n, claims.dt) == (alice.pk, (0,), ("*",), ("*",))
    assert (access.t, refresh.t) == (ACCESS, REFRESH)


def test_a_client_gets_tokens_for_its_networks(
    anonymous: Connection, bob: User, network: Network
) -> None:
    bob.networks.add(1)
    for claims in log_in(anonymous, "bob"):
        assert claims.a == tuple(sorted(CLIENT))
        assert claims.n == ("1", str(network.pk))
        assert claims.dt == ("*",)


def test_a_client_gets_tokens_for_its_types(
    anonymous: Connection, charlie: User, device_type: DeviceType
) -> None:
    charlie.all_device_types_available = False
    charlie.save()
    assert log_in(anonymous, "charlie")[0].dt == ()
    charlie.device_types.add(device_type, 2)
    assert log_in(anonymous, "charlie")[0].dt == ("2", str(device_type.pk))
    assert log_in(anonymous, "charlie")[0].n == ()


def test_how_long_tokens_live(anonymous: Connection, bob: User) -> None:
    before = int(time.time() * 1000)
    access, refresh = log_in(anonymous, "bob")
    after = int(time.time() * 1000)
    for claims, seconds in [
        (access, settings.ACCESS_TOKEN_SECONDS),
        (refresh, settings.REFRESH_TOKEN_SECONDS),
    ]:
        assert before <= claims.e - seconds * 1000 <= after


def test_it_does_not_authenticate(anonymous: Connection, bob: User) -> None:
    log_in(anonymous, "bob")
    assert anonymous.ask("device/count") == refused("device/count", 401, "Unauthorized")


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"login": "bob"},
        {"password": PASSWORD},
        {"login": None, "password": PASSWORD},
        {"login": "bob", "password": None},
        {"login": "", "password": PASSWORD},
        {"login": " \t", "password": PASSWORD},
        {"login": "bob", "password": ""},
        {"login": "nobody", "password": ""},
    ],
)
def test_login_and_password_are_required(
    anonymous: Connection, bob: User, members: dict[str, Any]
) -> None:
    assert anonymous.ask("token", **members) == MISSING


@pytest.mark.parametrize("members", [{"login": {}}, {"login": "bob", "password": []}])
def test_members_have_types(anonymous: Connection, members: dict[str, Any]) -> None:
    assert anonymous.ask("token", **members) == refused("token", 400, "Malformed Json received.")


@pytest.mark.parametrize("login", ["nobody", "Bob", " bob", "bob ", "b%b", "100%s", "x" * 1000])
def test_an_unknown_login(anonymous: Connection, bob: User, login: str) -> None:
    assert anonymous.ask("token", login=login, password=PASSWORD) == refused(
        "token", 401, f"User with login = {login} not found or bad password"
    )


@pytest.mark.parametrize("status", [User.Status.LOCKED_OUT, User.Status.DISABLED])
@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_a_user_who_is_not_active_is_refused(
    anonymous: Connection, bob: User, status: int, password: str
) -> None:
    User.objects.update(status=status)
    assert anonymous.ask("token", login="bob", password=password) == refused(
        "token", 401, "User is locked or disabled"
    )


@pytest.mark.parametrize("password", ["wrong", f" {PASSWORD}", PASSWORD.upper(), " ", 5])
def test_a_wrong_password(anonymous: Connection, bob: User, password: object) -> None:
    assert anonymous.ask("token", login="bob", password=password) == WRONG


def test_the_tenth_wrong_password_locks_out(anonymous: Connection, bob: User) -> None:
    User.objects.update(login_attempts=8)
    assert anonymous.ask("token", login="bob", password="wrong") == WRONG
    assert anonymous.ask("token", login="bob", password="wrong") == WRONG
    assert anonymous.ask("token", login="bob", password=PASSWORD) == refused(
        "token", 401, "User is locked or disabled"
    )


def test_charlies_failures_do_not_count_for_bob(
    anonymous: Connection, bob: User, charlie: User
) -> None:
    anonymous.ask("token", login="charlie", password="wrong")
    assert User.objects.get(login="bob").login_attempts == 0
    assert User.objects.get(login="charlie").login_attempts == 1
