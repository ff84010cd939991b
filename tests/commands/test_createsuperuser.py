"""manage.py createsuperuser: Django's own command, by the rules of users."""

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError

from devices.models import User
from tests.commands import run

pytestmark = pytest.mark.django_db


def create(login: str, password: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
    return run("createsuperuser", "--no-input", "--login", login)


def test_it_makes_an_administrator_of_the_sample_network(monkeypatch: pytest.MonkeyPatch) -> None:
    assert create("root", "a long phrase", monkeypatch) == "Superuser created successfully.\n"
    user = User.objects.get(login="root")
    assert (user.role, user.status) == (User.Role.ADMIN, User.Status.ACTIVE)
    assert [network.id for network in user.networks.all()] == [1]
    assert authenticate(username="root", password="a long phrase") == user


@pytest.mark.parametrize(
    ("login", "password", "error"),
    [
        (
            "ro",
            "a long phrase",
            "Field cannot be empty. The length of login should be from 3 to 128 symbols.",
        ),
        ("root", "short", "Password can contain only from 6 to 128 symbols!"),
    ],
    ids=["login", "password"],
)
def test_the_rules_of_users_hold(
    login: str, password: str, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError) as refused:
        create(login, password, monkeypatch)
    assert str(refused.value) == error
    assert not User.objects.exists()
