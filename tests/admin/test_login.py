"""Entering the admin: by the protocol's rules (2.4), and for administrators only."""

from django.test import Client
from django.urls import reverse

from devices.models import User
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


def test_nobody_enters_with_a_wrong_password_and_it_counts(alice: User) -> None:
    assert not log_in("alice", "wrong phrase")
    alice.refresh_from_db()
    assert alice.login_attempts == 1


def test_the_tenth_wrong_password_locks_out(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(login_attempts=9)
    assert not log_in("alice", "wrong phrase")
    assert not log_in("alice")
    alice.refresh_from_db()
    assert (alice.status, alice.login_attempts) == (User.Status.LOCKED_OUT, 0)


def test_a_session_ends_when_its_user_is_disabled(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    User.objects.filter(pk=alice.pk).update(status=User.Status.DISABLED)
    assert client.get(INDEX).status_code == 302
