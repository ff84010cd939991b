"""manage.py createtoken."""

import re
import time

import pytest
from django.core.management import CommandError

from devicehive.protocol import jwts
from devicehive.protocol.claims import ACCESS, REFRESH, Claims
from devices.models import Network, User
from tests.commands import run
from tests.conftest import Connection, success


def created(*arguments: str) -> tuple[str, str]:
    """The access and the refresh token that the command prints."""
    found = re.fullmatch(
        r"access token:  (\S+)\nrefresh token: (\S+)\n", run("createtoken", *arguments)
    )
    assert found
    return found[1], found[2]


def claims(*arguments: str) -> Claims:
    return jwts.verify(created(*arguments)[0]).payload


def test_the_access_token_authenticates(bob: User, anonymous: Connection) -> None:
    access, _ = created("bob")
    assert anonymous.ask("authenticate", token=access) == success("authenticate")


def test_the_refresh_token_gives_access_tokens(bob: User, anonymous: Connection) -> None:
    _, refresh = created("bob")
    assert anonymous.ask("token/refresh", refreshToken=refresh)["status"] == "success"


def test_without_options_it_is_the_token_of_a_log_in(bob: User, network: Network) -> None:
    found = claims("bob")
    assert (found.u, found.n, found.dt) == (bob.pk, (str(network.pk),), ("*",))
    assert found.a == (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 17)


def test_an_administrators_is_for_everything(alice: User) -> None:
    found = claims("alice")
    assert (found.a, found.n, found.dt) == ((0,), ("*",), ("*",))


def test_actions_networks_and_types_can_be_given(alice: User) -> None:
    scope = ("--actions", "GetDevice, registerdevice", "--networks", "1", "--device-types", "2,3")
    found = claims("alice", *scope)
    assert (found.a, found.n, found.dt) == ((3, 6), ("1",), ("2", "3"))


def test_days_are_the_lifetime_of_both(bob: User) -> None:
    pair = [jwts.verify(token).payload for token in created("bob", "--days", "2")]
    assert [token.t for token in pair] == [ACCESS, REFRESH]
    in_two_days = (time.time() + 2 * 86_400) * 1000
    assert [token.e for token in pair] == pytest.approx([in_two_days] * 2, abs=60_000)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nobody"], "there is no active user with the login nobody"),
        (["alice", "--actions", "GetDevice,Fly"], "no such action: Fly"),
        (["alice", "--actions", ","], "nothing is listed"),
        (["alice", "--networks", "1,77"], "no such network: 77"),
        (["alice", "--networks", "Sample"], r"neither an id nor \*: Sample"),
        (["alice", "--device-types", "77,78"], "no such device type: 77, 78"),
        (["alice", "--days", "0"], "not 1 to 36500: 0"),
    ],
)
def test_what_is_wrong_is_said(alice: User, arguments: list[str], text: str) -> None:
    with pytest.raises(CommandError, match=text):
        run("createtoken", *arguments)


def test_no_token_for_someone_who_is_disabled(bob: User) -> None:
    User.objects.update(status=User.Status.DISABLED)
    with pytest.raises(CommandError, match="no active user with the login bob"):
        run("createtoken", "bob")
