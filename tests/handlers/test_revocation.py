"""Revoked tokens, and tokens made from them, are invalid (R-44, R-45)."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.test import TestCase
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from devicehive.protocol import jwts
from devicehive.protocol.claims import Claims, ClaimsSet
from devices.models import IssuedToken, User
from devices.services import issued_tokens, revocation, tokens
from tests.conftest import Connection, refused, success
from tests.thorough import examples

SOON = (timezone.now() + timedelta(days=1)).isoformat()


class Pair(NamedTuple):
    access: str
    refresh: str


def authenticated(token: str) -> Connection:
    connection = Connection()
    assert connection.ask("authenticate", token=token) == success("authenticate")
    return connection


def logged_in(user: User) -> Pair:
    pair = tokens.issue(user, tokens.scope_of(user))
    return Pair(pair.access, pair.refresh)


def make_of(token: str, user: User, **more: Any) -> Pair:
    """Tokens for a user, made by `token/create` with another token."""
    payload = {"userId": user.pk, "actions": [0 if user.is_admin else 15]}
    payload |= {"networkIds": [], "deviceTypeIds": [], **more}
    answer = authenticated(token).ask("token/create", payload=payload)
    assert answer["status"] == "success", answer
    return Pair(answer["accessToken"], answer["refreshToken"])


def revoke(token: str) -> int:
    return revocation.revoke_token(jwts.verify(token))


def is_good(pair: Pair) -> bool:
    """Whether both of a pair are; both are good or neither is."""
    anonymous = Connection()
    access = anonymous.ask("authenticate", token=pair.access)
    refresh = anonymous.ask("token/refresh", refreshToken=pair.refresh)
    if access["status"] == "success":
        assert refresh["status"] == "success"
        return True
    assert access == refused("authenticate", 401, "Token expired")
    assert refresh == refused("token/refresh", 401, "Token has expired")
    return False


several = hypothesis_settings(
    max_examples=examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@several
@given(data=st.data())
def test_with_a_token_end_its_descendants_and_no_others(
    alice: User, bob: User, data: st.DataObject
) -> None:
    """Whoever they were made for, on record or not, in a log-in's family or another's."""
    IssuedToken.objects.all().delete()
    pairs, users, parents = [logged_in(alice), logged_in(alice)], [alice, alice], [-1, -1]
    for _ in range(data.draw(st.integers(1, 6))):
        parent = data.draw(st.integers(0, len(pairs) - 1))
        maker = users[parent]
        user = data.draw(st.sampled_from([alice, bob])) if maker == alice else bob
        lifetime = data.draw(st.sampled_from([{}, {"expiration": SOON}]))
        pairs.append(make_of(pairs[parent].access, user, **lifetime))
        users.append(user)
        parents.append(parent)
    revoked = data.draw(st.integers(0, len(pairs) - 1))
    ended = {revoked}
    for number, parent in enumerate(parents):
        if parent in ended:
            ended.add(number)
    revoke(data.draw(st.sampled_from(pairs[revoked])))
    assert {number for number, pair in enumerate(pairs) if not is_good(pair)} == ended


def test_what_was_refreshed_ends_with_the_refresh_token(bob: User) -> None:
    pair = logged_in(bob)
    access = Connection().ask("token/refresh", refreshToken=pair.refresh)["accessToken"]
    revoke(pair.refresh)
    assert not is_good(Pair(access, pair.refresh))


def test_open_connections_of_descendants_end_too(
    live: None, alice: User, bob: User, charlie: User
) -> None:
    stolen = logged_in(alice)
    as_bob = authenticated(make_of(stolen.access, bob, actions=[3]).access)
    as_charlie = authenticated(logged_in(charlie).access)
    with TestCase.captureOnCommitCallbacks(execute=True):
        revoke(stolen.access)
    assert as_bob.ask("device/list") == refused("device/list", 401, "Token expired")
    assert as_charlie.ask("device/list")["status"] == "success"


def test_a_longer_line_ends_from_where_it_was_revoked(bob: User) -> None:
    """From some length on, tokens share an id: never does one go on whose maker was revoked, and
    never grows a token without end."""
    line = [logged_in(bob)]
    for _ in range(tokens.LONGEST_DESCENT + 4):
        line.append(make_of(line[-1].access, bob))
    assert len(line[-1].access) == len(line[-2].access)
    revoke(line[2].access)
    assert [is_good(pair) for pair in line] == [True, True] + [False] * (len(line) - 2)


def test_revoked_is_counted_once(alice: User, bob: User) -> None:
    pair = make_of(logged_in(alice).access, bob)
    make_of(logged_in(alice).access, bob)
    assert [revoke(pair.access), revoke(pair.refresh)] == [1, 0]
    assert IssuedToken.objects.filter(revoked_at=None).count() == 1


def test_a_token_without_an_id_is_not_revoked(bob: User) -> None:
    foreign = Claims(bob.pk, 4_000_000_000_000, 1)
    assert revocation.revoke_token(ClaimsSet(foreign)) == 0
    assert not IssuedToken.objects.exists()


def test_what_was_revoked_is_remembered_while_anything_made_of_it_may_live(
    settings: Any, alice: User, bob: User
) -> None:
    """Its record outlives the token itself, and goes with the last that clients made of it."""
    pair = make_of(logged_in(alice).access, bob)
    revoke(pair.access)
    long_ago = timezone.now() - issued_tokens.KEPT - timedelta(days=1)
    IssuedToken.objects.update(refreshable_until=long_ago, revoked_at=long_ago)
    make_of(logged_in(alice).access, bob)
    assert IssuedToken.objects.count() == 2
    settings.REFRESH_TOKEN_SECONDS = 1
    make_of(logged_in(alice).access, bob)
    assert IssuedToken.objects.count() == 2


def test_in_compatible_mode_tokens_are_good_until_they_expire(settings: Any, bob: User) -> None:
    pair = logged_in(bob)
    revoke(pair.access)
    settings.COMPATIBLE_MODE = True
    assert is_good(pair)
