"""manage.py createuser."""

import re

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command

from devices.models import Network, User
from tests.commands import run, run_refused

pytestmark = pytest.mark.django_db


def test_a_client_with_a_random_password() -> None:
    printed = run("createuser", "bob")
    found = re.fullmatch(
        r"Created the client bob\. The password, shown only now: (\S{20})\n", printed
    )
    assert found, printed
    bob = User.objects.get()
    assert (bob.login, bob.role, bob.networks.count()) == ("bob", User.Role.CLIENT, 0)
    assert check_password(found[1], bob.password)


def test_an_administrator_is_made_with_admin() -> None:
    assert run("createuser", "root", "--admin").startswith("Created the administrator root. ")
    assert User.objects.get().is_admin


def test_networks_by_name_and_by_id(network: Network) -> None:
    run("createuser", "dora", "--network", "bob's network", "--network", "1")
    networks = User.objects.get().networks.order_by("id")
    assert [each.name for each in networks] == ["Sample Network", "bob's network"]


def test_a_password_of_the_environment_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOBS_PASSWORD", "from outside")
    printed = run("createuser", "bob", "--password-env", "BOBS_PASSWORD")
    assert printed == "Created the client bob. The password is that of BOBS_PASSWORD.\n"
    assert check_password("from outside", User.objects.get().password)


def test_a_password_that_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _: "typed twice")
    printed = run("createuser", "bob", "--prompt")
    assert printed == "Created the client bob. The password is the one that was typed.\n"
    assert check_password("typed twice", User.objects.get().password)


def test_a_password_that_was_mistyped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: prompt)
    assert run_refused("createuser", "bob", "--prompt") == ("", "the two passwords differ")
    assert not User.objects.exists()


def test_one_source_of_the_password() -> None:
    with pytest.raises(CommandError, match="not allowed with argument"):
        call_command("createuser", "bob", "--prompt", "--password-env", "X")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ["bo"],
            "Field cannot be empty. The length of login should be from 3 to 128 symbols.",
        ),
        (["bob", "--network", "Attic"], "there is no network with the name Attic"),
        (["bob", "--network", "999"], "there is no network with the id 999"),
        (["bob", "--password-env", "NO_SUCH"], "the environment variable NO_SUCH is not set"),
    ],
)
def test_refusals_leave_nothing_behind(arguments: list[str], reason: str) -> None:
    assert run_refused("createuser", *arguments) == ("", reason)
    assert not User.objects.exists()


def test_a_login_that_is_taken(bob: User) -> None:
    _, reason = run_refused("createuser", "bob")
    assert reason == "User with such login already exists. Please, select another one"


def test_a_short_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOBS_PASSWORD", "short")
    _, reason = run_refused("createuser", "bob", "--password-env", "BOBS_PASSWORD")
    assert reason == "Password can contain only from 6 to 128 symbols!"
