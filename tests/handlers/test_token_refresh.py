"""token/refresh (protocol, 2.11)."""

import time

import jwt
import pytest
from django.conf import settings

from devicehive.protocol import jwts
from devicehive.protocol.claims import ACCESS, REFRESH, Claims, ClaimsSet
from devices.models import User
from tests.conftest import Connection, refused, success

UNAUTHORIZED = refused("token/refresh", 401, "Unauthorized")
SOON = int(time.time() * 1000) + 3_600_000
LONG_AGO = 1_500_000_000_000


def token(user: User, *, e: int = SOON, t: int = REFRESH) -> str:
    return jwts.sign(ClaimsSet(Claims(user.pk, e, t, (3, 6), ("5",), ("7",))))


def test_a_new_access_token_of_the_same_scope(anonymous: Connection, bob: User) -> None:
    before = int(time.time() * 1000)
    answer = anonymous.ask("token/refresh", refreshToken=token(bob))
    assert answer == success("token/refresh", accessToken=answer["accessToken"])
    claims = jwts.verify(answer["accessToken"]).payload
    assert claims == Claims(bob.pk, claims.e, ACCESS, (3, 6), ("5",), ("7",))
    assert before <= claims.e - settings.ACCESS_TOKEN_SECONDS * 1000 <= time.time() * 1000


def test_what_is_absent_stays_absent(anonymous: Connection, bob: User) -> None:
    refresh = jwts.sign(ClaimsSet(Claims(bob.pk, SOON, REFRESH)))
    answer = anonymous.ask("token/refresh", refreshToken=refresh)
    claims = jwts.verify(answer["accessToken"]).payload
    assert claims == Claims(bob.pk, claims.e, ACCESS)


def test_it_does_not_authenticate(anonymous: Connection, bob: User) -> None:
    anonymous.ask("token/refresh", refreshToken=token(bob))
    assert anonymous.ask("device/count") == refused("device/count", 401, "Unauthorized")


def test_a_log_in_is_recorded(anonymous: Connection, bob: User) -> None:
    anonymous.ask("token/refresh", refreshToken=token(bob))
    assert User.objects.get(login="bob").last_login is not None


@pytest.mark.parametrize("members", [{}, {"refreshToken": None}])
def test_a_token_is_required(anonymous: Connection, members: dict[str, object]) -> None:
    assert anonymous.ask("token/refresh", **members) == refused(
        "token/refresh", 400, "Missing or invalid payload in request"
    )


@pytest.mark.parametrize("text", ["", "x", "a.b.c", 5])
def test_what_is_no_token(anonymous: Connection, text: object) -> None:
    assert anonymous.ask("token/refresh", refreshToken=text) == UNAUTHORIZED


def test_a_token_signed_by_someone_else(anonymous: Connection, bob: User) -> None:
    forged = jwt.encode({"payload": {"u": bob.pk, "e": SOON, "t": 0}}, b"x" * 32, "HS256")
    assert anonymous.ask("token/refresh", refreshToken=forged) == UNAUTHORIZED


def test_an_access_token_even_an_expired_one(anonymous: Connection, bob: User) -> None:
    for e in SOON, LONG_AGO:
        answer = anonymous.ask("token/refresh", refreshToken=token(bob, e=e, t=ACCESS))
        assert answer == refused("token/refresh", 401, "Invalid token type")


def test_an_expired_token_even_of_nobody(anonymous: Connection, bob: User) -> None:
    expired = token(bob, e=LONG_AGO)
    bob.delete()
    assert anonymous.ask("token/refresh", refreshToken=expired) == refused(
        "token/refresh", 401, "Token has expired"
    )


def test_a_user_who_is_gone(anonymous: Connection, bob: User) -> None:
    of_nobody = token(bob)
    bob.delete()
    assert anonymous.ask("token/refresh", refreshToken=of_nobody) == UNAUTHORIZED


@pytest.mark.parametrize("status", [User.Status.LOCKED_OUT, User.Status.DISABLED])
def test_a_user_who_is_not_active_is_refused(anonymous: Connection, bob: User, status: int) -> None:
    User.objects.update(status=status)
    assert anonymous.ask("token/refresh", refreshToken=token(bob)) == UNAUTHORIZED
