"""manage.py revoketokens."""

import base64
from typing import Any

import jwt
import pytest
from django.core.management import CommandError

from devicehive.protocol import jwts
from devices.models import IssuedToken, User
from devices.services import tokens
from tests.commands import run, run_refused
from tests.conftest import Connection, refused, success

KEY = b"no secret, but long enough for one"
JWT_SECRET = base64.b64encode(KEY).decode()
NOTHING_LEFT = "There was nothing to end any more.\n"
ENDED = refused("authenticate", 401, "Token expired")


def token_of(user: User) -> str:
    return tokens.issue(user, tokens.scope_of(user)).access


def authenticate(token: str) -> dict[str, Any]:
    return Connection().ask("authenticate", token=token)


def test_all_tokens_of_a_user(bob: User, charlie: User) -> None:
    bobs, charlies = token_of(bob), token_of(charlie)
    assert run("revoketokens", "bob") == "All tokens of bob have ended.\n"
    assert authenticate(bobs) == ENDED
    assert authenticate(charlies) == success("authenticate")
    bob.refresh_from_db()
    assert authenticate(token_of(bob)) == success("authenticate")


def test_and_those_made_for_others(alice: User, bob: User) -> None:
    payload = {"userId": bob.pk}
    by_alice = Connection()
    by_alice.ask("authenticate", token=token_of(alice))
    made = by_alice.ask("token/create", payload=payload)["accessToken"]
    assert run("revoketokens", "alice", "--issued") == (
        "All tokens of alice have ended.\nOf those that alice has made, 1 pairs have ended.\n"
    )
    assert authenticate(made) == ENDED
    assert authenticate(token_of(bob)) == success("authenticate")


def test_a_token_ends_with_its_pair_and_no_other_does(bob: User) -> None:
    first, second = token_of(bob), token_of(bob)
    assert run("revoketokens", "--token", first) == "1 pairs of tokens have ended.\n"
    assert authenticate(first) == ENDED
    assert authenticate(second) == success("authenticate")
    assert IssuedToken.objects.get().issued_by == "a log-in, or the user itself"
    assert run("revoketokens", "--token", first) == NOTHING_LEFT


def test_of_a_user_who_is_gone_what_was_made_for_others(alice: User, bob: User) -> None:
    token, by_alice = token_of(alice), Connection()
    by_alice.ask("authenticate", token=token)
    made = by_alice.ask("token/create", payload={"userId": bob.pk})["accessToken"]
    alice.delete()
    assert authenticate(made) == success("authenticate")
    assert run("revoketokens", "--token", token) == "1 pairs of tokens have ended.\n"
    assert authenticate(made) == ENDED
    assert run("revoketokens", "--token", token) == NOTHING_LEFT


def test_what_is_no_token(db: None) -> None:
    assert run_refused("revoketokens", "--token", "x") == ("", "that is no token of this server")


def test_a_token_without_an_id(settings: Any, db: None) -> None:
    settings.JWT_SECRET = JWT_SECRET
    foreign = jwt.encode({"payload": {"u": 1, "e": 4102444800000, "t": 1}}, KEY)
    reason = "that token has no id (jti): end all tokens of its user"
    assert run_refused("revoketokens", "--token", foreign) == ("", reason)


def test_an_unknown_user_is_refused(db: None) -> None:
    assert run_refused("revoketokens", "dora") == ("", "there is no user with the login dora")


def test_one_or_the_other(bob: User) -> None:
    for arguments in [], ["bob", "--token", token_of(bob)]:
        with pytest.raises(CommandError):
            run("revoketokens", *arguments)
    reason = ("", "--issued goes with LOGIN")
    assert run_refused("revoketokens", "--token", token_of(bob), "--issued") == reason


def test_in_compatible_mode_nothing_ends(settings: Any, bob: User) -> None:
    settings.COMPATIBLE_MODE = True
    reason = "in COMPATIBLE_MODE tokens are good until they expire"
    assert run_refused("revoketokens", "bob") == ("", reason)
    bob.refresh_from_db()
    assert bob.token_number == 0
    assert jwts.verify(token_of(bob)).v == 0
