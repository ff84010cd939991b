"""manage.py createadmin."""

import re

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError
from pytest_django import Settings

from devices.models import User
from tests.commands import run

pytestmark = pytest.mark.django_db


def test_a_random_password_is_printed_and_opens_the_admin() -> None:
    printed = run("createadmin")
    found = re.fullmatch(
        r"Created the administrator dhadmin\. The password, shown only now: (\S{20})\n", printed
    )
    assert found, printed
    assert authenticate(username="dhadmin", password=found[1]) is not None


def test_the_password_of_the_environment_is_used_and_not_printed(settings: Settings) -> None:
    settings.DEVICEHIVE_ADMIN_PASSWORD = "from the environment"
    assert run("createadmin") == (
        "Created the administrator dhadmin. The password is that of DEVICEHIVE_ADMIN_PASSWORD.\n"
    )
    assert authenticate(username="dhadmin", password="from the environment") is not None


def test_the_administrator_is_in_the_sample_network() -> None:
    run("createadmin", "--login", "root")
    assert [network.id for network in User.objects.get(login="root").networks.all()] == [1]


def test_a_second_run_changes_nothing() -> None:
    run("createadmin")
    before = User.objects.values().get()
    assert run("createadmin") == "The administrator dhadmin exists; nothing was changed.\n"
    assert User.objects.values().get() == before


def test_a_second_run_tells_that_the_administrator_is_locked_out(alice: User) -> None:
    User.objects.update(status=User.Status.LOCKED_OUT)
    assert run("createadmin", "--login", "alice") == (
        "The administrator alice exists (locked out); nothing was changed.\n"
    )


def test_reset_password_unlocks(alice: User, settings: Settings) -> None:
    settings.DEVICEHIVE_ADMIN_PASSWORD = "another one"
    User.objects.update(status=User.Status.LOCKED_OUT, login_attempts=3)
    run("createadmin", "--login", "alice", "--reset-password")
    assert authenticate(username="alice", password="another one") is not None
    assert User.objects.get().login_attempts == 0


def test_a_client_of_that_login_is_left_alone(bob: User) -> None:
    with pytest.raises(CommandError, match="the user bob exists and is not an administrator"):
        run("createadmin", "--login", "bob", "--reset-password")
    assert not User.objects.get().is_admin


@pytest.mark.parametrize(
    ("login", "text"),
    [
        ("no", "The length of login should be from 3 to 128 symbols."),
        ("l" * 129, "The length of login should not be more than 128 symbols."),
        ("not a login", "Login can contain only lowercase or uppercase letters, numbers"),
    ],
)
def test_a_login_follows_the_rules_of_the_protocol(login: str, text: str) -> None:
    with pytest.raises(CommandError, match=text):
        run("createadmin", "--login", login)
    assert not User.objects.exists()


def test_a_password_follows_the_rules_of_the_protocol(settings: Settings) -> None:
    settings.DEVICEHIVE_ADMIN_PASSWORD = "short"
    with pytest.raises(CommandError, match="Password can contain only from 6 to 128 symbols!"):
        run("createadmin")
    assert not User.objects.exists()
