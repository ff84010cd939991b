"""Logging in to the admin: by the protocol's rules (2.4), for administrators only."""

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse

from devices.models import User
from devices.services import configuration
from devices.services.known_passwords import known_passwords
from tests.factories import PASSWORD

LOGIN = reverse("admin:login")
INDEX = reverse("admin:index")


def log_in(login: str, password: str = PASSWORD) -> bool:
    """Whether that opens the admin."""
    client = Client()
    client.post(LOGIN, {"username": login, "password": password})
    return client.get(INDEX).status_code == 200


def test_alice_enters(alice: User) -> None:
    assert log_in("alice")
    alice.refresh_from_db()
    assert alice.last_login is not None


def test_bob_and_charlie_do_not(bob: User, charlie: User) -> None:
    assert not log_in("bob")
    assert not log_in("charlie")


def test_nobody_enters_with_a_wrong_password(alice: User) -> None:
    assert not log_in("alice", "wrong phrase")
    alice.refresh_from_db()
    assert alice.last_login is None


@pytest.mark.usefixtures("no_time_passes")
def test_who_has_tried_too_often_is_told_how_long_to_wait(alice: User) -> None:
    configuration.put("user.login.maxAttempts", "1")
    assert not log_in("alice", "wrong phrase")
    answer = Client().post(LOGIN, {"username": "alice", "password": PASSWORD})
    assert (answer.status_code, answer["Retry-After"]) == (429, "1")
    assert "Too many attempts. Try again in 1 seconds." in answer.content.decode()
    alice.refresh_from_db()
    assert alice.status == User.Status.ACTIVE


@pytest.mark.usefixtures("no_time_passes")
def test_failures_are_counted_by_address(alice: User) -> None:
    configuration.put("user.login.maxAttempts", "2")
    for host in ("198.51.100.7", "198.51.100.8"):
        client = Client(REMOTE_ADDR=host)
        statuses = [
            client.post(LOGIN, {"username": "alice", "password": "wrong"}).status_code
            for _ in range(3)
        ]
        assert statuses == [200, 200, 429]


def test_a_password_that_the_page_has_verified_is_known(alice: User) -> None:
    assert log_in("alice")
    assert known_passwords.has(alice.pk, PASSWORD, alice.password)


def test_an_old_hash_is_made_anew_and_the_session_begins(alice: User) -> None:
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    assert log_in("alice")
    alice.refresh_from_db()
    assert alice.password.startswith("argon2$argon2id$")


def test_a_session_ends_when_its_user_is_disabled(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(status=User.Status.DISABLED)
    assert client.get(INDEX).status_code == 302
