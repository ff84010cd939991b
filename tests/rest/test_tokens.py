"""/token and who has expired (REST 1.4 and 2.2)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devicehive.protocol.jwts import verify
from devices.models import User
from devices.services import configuration, tokens
from tests.factories import PASSWORD
from tests.rest.client import FORBIDDEN, INVALID, NO_BODY, UNAUTHORIZED, Rest, refused, rest

EMPTY = refused(400, "Invalid or empty authorization request parameters")
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def test_a_login_gives_tokens_that_open_the_rest(nobody: Rest, bob: User) -> None:
    status, answer = nobody.post("token", {"login": "bob", "password": PASSWORD})
    assert (status, sorted(answer)) == (201, ["accessToken", "refreshToken"])
    assert Rest(answer["accessToken"]).get("user/current")[1]["login"] == "bob"
    bob.refresh_from_db()
    assert bob.last_login is not None


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (None, NO_BODY),
        ({}, EMPTY),
        ({"login": " ", "password": "x"}, EMPTY),
        ({"login": "bob", "password": ""}, EMPTY),
        ([], INVALID),
        (5, INVALID),
        (
            {"login": "nobody", "password": "x"},
            refused(401, "User with login = nobody not found or bad password"),
        ),
        ({"login": "bob", "password": 1111}, refused(401, "Invalid credentials")),
    ],
)
def test_a_login_that_fails(nobody: Rest, bob: User, body: Any, answer: Any) -> None:
    assert nobody.post("token", body) == answer


def test_a_password_in_a_query_is_none(nobody: Rest, bob: User) -> None:
    credentials = {"login": "bob", "password": PASSWORD}
    assert nobody.post("token", {}, **credentials) == EMPTY
    assert nobody.post("token", **credentials) == NO_BODY


@pytest.mark.usefixtures("no_time_passes")
def test_who_has_tried_too_often_is_told_how_long_to_wait(nobody: Rest, bob: User) -> None:
    configuration.put("user.login.maxAttempts", "1")
    nobody.post("token", {"login": "bob", "password": "wrong"})
    answer = nobody.send("POST", "token", b'{"login": "bob", "password": "secret phrase"}')
    assert (answer.status, answer.content) == refused(429, "Too many attempts")
    assert answer.headers["retry-after"] == "1"


def test_a_locked_user_does_not_log_in(nobody: Rest, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(status=User.Status.LOCKED_OUT)
    answer = nobody.post("token", {"login": "bob", "password": PASSWORD})
    assert answer == refused(401, "User is locked or disabled")


def test_a_token_is_made_for_oneself(bob_rest: Rest, bob: User, network: Any) -> None:
    body = {
        "userId": bob.pk,
        "actions": [3, "GetNetwork"],
        "networkIds": [network.pk],
        "expiration": "2036-01-01T00:00:00",
        "x": 1,
    }
    status, answer = bob_rest.post("token/create", body)
    claims = verify(answer["accessToken"]).payload
    assert status == 201
    assert (claims.u, claims.a, claims.n) == (bob.pk, (3, 2), (str(network.pk),))
    assert claims.e == verify(answer["refreshToken"]).payload.e == 2082758400000
    bob.refresh_from_db()
    assert bob.last_login is None


def test_a_token_that_is_not_made(
    alice_rest: Rest, bob_rest: Rest, nobody: Rest, alice: User, bob: User
) -> None:
    no_user = (
        "Error! Make sure, that the passed object is correct and properly structured. "
        "Validation failed: \nOn property userId (value: null): must not be null ; "
    )
    actions = "Actions list should contain only Strings or Integers"
    assert alice_rest.post("token/create") == NO_BODY
    assert alice_rest.post("token/create", {}) == refused(400, no_user)
    assert alice_rest.post("token/create", {"userId": 1, "actions": [{}]}) == refused(400, actions)
    unknown = refused(404, "User with id = 999999 not found")
    assert alice_rest.post("token/create", {"userId": 999999}) == unknown
    assert bob_rest.post("token/create", {"userId": alice.pk}) == FORBIDDEN
    assert rest(bob, a=(3,)).post("token/create", {"userId": bob.pk}) == FORBIDDEN
    assert nobody.post("token/create", {"userId": bob.pk}) == UNAUTHORIZED
    User.objects.filter(pk=bob.pk).update(status=User.Status.DISABLED)
    locked = refused(403, "User is locked or disabled")
    assert alice_rest.post("token/create", {"userId": bob.pk}) == locked


def test_a_token_is_refreshed(nobody: Rest, bob: User) -> None:
    pair = tokens.issue(bob, tokens.scope_of(bob))
    status, answer = nobody.post("token/refresh", {"refreshToken": pair.refresh})
    assert (status, sorted(answer)) == (201, ["accessToken"])
    assert Rest(answer["accessToken"]).get("user/current")[0] == 200
    bob.refresh_from_db()
    assert bob.last_login is not None


def test_a_refresh_that_fails(nobody: Rest, bob: User) -> None:
    pair = tokens.issue(bob, tokens.scope_of(bob))
    expired = tokens.issue(bob, tokens.scope_of(bob), expiration=YESTERDAY).refresh
    answers: list[tuple[Any, Any]] = [
        (None, NO_BODY),
        ({}, EMPTY),
        ({"refreshToken": ""}, EMPTY),
        ({"refreshToken": "x"}, UNAUTHORIZED),
        ({"refreshToken": pair.refresh[:-3]}, UNAUTHORIZED),
        ({"refreshToken": pair.access}, refused(401, "Invalid token type")),
        ({"refreshToken": expired}, refused(401, "Token has expired")),
    ]
    for body, answer in answers:
        assert nobody.post("token/refresh", body) == answer
    User.objects.filter(pk=bob.pk).update(status=User.Status.DISABLED)
    assert nobody.post("token/refresh", {"refreshToken": pair.refresh}) == UNAUTHORIZED


def test_tokens_that_open_nothing(bob: User) -> None:
    scope = tokens.scope_of(bob)
    pair = tokens.issue(bob, scope)
    expired = tokens.issue(bob, scope, expiration=YESTERDAY)
    assert Rest(pair.refresh).get("device") == UNAUTHORIZED
    assert Rest(expired.access).get("device") == refused(401, "Token expired")
    assert Rest(expired.refresh).get("device") == UNAUTHORIZED
    User.objects.filter(pk=bob.pk).update(status=User.Status.DISABLED)
    assert Rest(pair.access).get("device") == UNAUTHORIZED
    bob.delete()
    assert Rest(pair.access).get("device") == UNAUTHORIZED
