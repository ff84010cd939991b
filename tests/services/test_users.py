"""Users and configuration, beyond what one frame can show: lock-out, statistics, rivals."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import close_old_connections, connection
from django.utils import timezone
from pytest_django import Settings

from devicehive.protocol.refusals import Refused
from devices.models import Configuration, User
from devices.services import configuration, last_logins, users
from devices.services.standing import unlimited
from tests.conftest import Connection, connected, refused
from tests.factories import PASSWORD, make_user

QUICK = "django.contrib.auth.hashers.MD5PasswordHasher"
TAKEN = "User with such login already exists. Please, select another one"


def log_in(client: Connection, password: str = PASSWORD, times: int = 1) -> dict[str, Any]:
    """bob logs in; the last answer."""
    answers = [client.ask("token", login="bob", password=password) for _ in range(times)]
    return answers[-1]


@pytest.fixture
def bob(bob: User, settings: Settings) -> User:
    """bob with a fast password hash, so that a test can check many passwords."""
    settings.PASSWORD_HASHERS = [QUICK]
    users.set_password(bob, PASSWORD)
    bob.save()
    return bob


# --- Lock-out ------------------------------------------------------------------------------


@pytest.fixture
def locks_out(settings: Settings) -> None:
    """As the reference does, whose own tests assert it (R-50)."""
    settings.COMPATIBLE_MODE = True


@pytest.fixture
def three_attempts(db: None, locks_out: None) -> None:
    configuration.put("user.login.maxAttempts", "3")


@pytest.mark.usefixtures("three_attempts")
def test_the_last_attempt_locks_out_and_is_answered_like_the_others(
    anonymous: Connection, bob: User
) -> None:
    assert log_in(anonymous, "wrong", 3) == refused("token", 401, "Invalid credentials")
    bob.refresh_from_db()
    assert (bob.status, bob.login_attempts) == (User.Status.LOCKED_OUT, 0)
    assert log_in(anonymous) == refused("token", 401, "User is locked or disabled")


@pytest.mark.usefixtures("three_attempts")
def test_a_success_forgets_the_failures(anonymous: Connection, bob: User) -> None:
    log_in(anonymous, "wrong", 2)
    log_in(anonymous)
    log_in(anonymous, "wrong", 2)
    assert log_in(anonymous)["status"] == "success"


@pytest.mark.usefixtures("three_attempts")
def test_a_token_forgets_the_failures(anonymous: Connection, bob: User) -> None:
    log_in(anonymous, "wrong", 2)
    connected(bob)
    assert User.objects.get(pk=bob.pk).login_attempts == 0


@pytest.mark.usefixtures("three_attempts")
def test_the_limit_is_read_at_every_failure(anonymous: Connection, bob: User) -> None:
    log_in(anonymous, "wrong", 2)
    configuration.put("user.login.maxAttempts", "4")
    log_in(anonymous, "wrong")
    assert User.objects.get(pk=bob.pk).is_active
    log_in(anonymous, "wrong")
    assert not User.objects.get(pk=bob.pk).is_active


@pytest.mark.usefixtures("three_attempts")
def test_others_are_not_locked_out(anonymous: Connection, bob: User, charlie: User) -> None:
    log_in(anonymous, "wrong", 3)
    assert User.objects.get(pk=charlie.pk).is_active


@pytest.mark.usefixtures("three_attempts")
def test_a_user_disabled_meanwhile_stays_disabled(bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(status=User.Status.DISABLED, login_attempts=2)
    users.count_failure(bob, free=3)
    assert User.objects.get(pk=bob.pk).status == User.Status.DISABLED


@pytest.mark.usefixtures("locks_out")
@pytest.mark.parametrize("value", [None, "ten", "0", "-3", "3.5", "1e1", " 3", "٣", "9" * 128])
def test_ten_attempts_where_the_entry_makes_no_sense(
    anonymous: Connection, bob: User, value: str | None
) -> None:
    if value is not None:
        configuration.put("user.login.maxAttempts", value)
    User.objects.filter(pk=bob.pk).update(login_attempts=8)
    log_in(anonymous, "wrong")
    assert User.objects.get(pk=bob.pk).is_active
    log_in(anonymous, "wrong")
    assert not User.objects.get(pk=bob.pk).is_active


@pytest.mark.usefixtures("locks_out")
def test_a_limit_beyond_any_counter_locks_nobody_out(anonymous: Connection, bob: User) -> None:
    configuration.put("user.login.maxAttempts", "9" * 15)
    log_in(anonymous, "wrong")
    bob.refresh_from_db()
    assert (bob.is_active, bob.login_attempts) == (True, 1)


# --- lastLogin -----------------------------------------------------------------------------


def last_login_after(user: User, *, ago: timedelta) -> bool:
    """Whether a log-in is noted when the last one was so long ago."""
    before = timezone.now() - ago
    User.objects.filter(pk=user.pk).update(last_login=before)
    last_logins.record(User.objects.get(pk=user.pk))
    return User.objects.get(pk=user.pk).last_login != before


def test_the_first_log_in_is_noted(anonymous: Connection, bob: User) -> None:
    log_in(anonymous)
    assert User.objects.get(pk=bob.pk).last_login is not None


def test_a_failure_is_no_log_in(anonymous: Connection, bob: User) -> None:
    log_in(anonymous, "wrong")
    assert User.objects.get(pk=bob.pk).last_login is None


def test_a_log_in_is_noted_once_in_the_time_of_the_entry(bob: User) -> None:
    configuration.put("user.login.lastTimeout", "3600000")
    assert not last_login_after(bob, ago=timedelta(minutes=59))
    assert last_login_after(bob, ago=timedelta(minutes=61))


def test_every_log_in_is_noted_with_a_time_of_0(bob: User) -> None:
    configuration.put("user.login.lastTimeout", "0")
    assert last_login_after(bob, ago=timedelta(microseconds=1))


@pytest.mark.parametrize("value", [None, "soon", "-1", "9" * 128])
def test_one_second_where_the_entry_makes_no_sense(bob: User, value: str | None) -> None:
    Configuration.objects.all().delete()
    if value is not None:
        configuration.put("user.login.lastTimeout", value)
    assert last_login_after(bob, ago=timedelta(seconds=1))
    assert not last_login_after(bob, ago=timedelta(seconds=-60))


def test_the_longest_time_is_no_error(bob: User) -> None:
    configuration.put("user.login.lastTimeout", "9" * 15)
    assert not last_login_after(bob, ago=timedelta(days=1000))


# --- Rivals: what another process does while a password is being hashed -----------------------


class Rival(PBKDF2PasswordHasher):
    iterations = 1
    does: Callable[[], object]

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        type(self).does()
        return super().encode(password, salt, iterations)


@pytest.fixture
def rival(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has something done during every hash."""
    settings.PASSWORD_HASHERS = [f"{__name__}.Rival"]

    def does(something: Callable[[], object]) -> None:
        monkeypatch.setattr(Rival, "does", staticmethod(something), raising=False)

    return does


def test_a_rival_inserts_the_login(db: None, rival: Callable[..., None]) -> None:
    rival(lambda: make_user("dora"))
    with pytest.raises(Refused, match=TAKEN):
        users.insert(login="dora", password=PASSWORD, role=User.Role.CLIENT)
    assert User.objects.get().login == "dora"


def test_a_rival_takes_the_new_login(alice: User, bob: User, rival: Callable[..., None]) -> None:
    rival(lambda: make_user("robert"))
    with pytest.raises(Refused, match=TAKEN):
        users.update(unlimited(alice), bob.pk, login="robert", password="a new one")
    assert User.objects.get(pk=bob.pk).password == bob.password


def test_a_rival_deletes_the_user(alice: User, bob: User, rival: Callable[..., None]) -> None:
    rival(User.objects.get(pk=bob.pk).delete)
    with pytest.raises(Refused, match="not found"):
        users.update(unlimited(alice), bob.pk, password="a new one")


def test_no_transaction_is_open_while_a_password_is_hashed(
    alice: User, rival: Callable[..., None]
) -> None:
    """On SQLite no device could be saved meanwhile."""
    outside = list(connection.savepoint_ids)
    during: list[list[str]] = []
    rival(lambda: during.append(list(connection.savepoint_ids)))
    dora = users.insert(login="dora", password=PASSWORD, role=User.Role.CLIENT)
    users.update(unlimited(alice), dora.pk, password="a new one")
    assert during == [outside, outside]


# --- Many at once --------------------------------------------------------------------------


def at_once(function: Callable[[], object], times: int) -> None:
    def call(_: int) -> None:
        try:
            function()
        finally:
            close_old_connections()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(call, range(times)))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_no_put_is_lost_among_many() -> None:
    at_once(lambda: configuration.put("colour", "red"), 40)
    assert configuration.get("colour").entity_version == 39


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_puts_succeed_among_deletes() -> None:
    def put_and_delete() -> None:
        configuration.put("colour", "red")
        Configuration.objects.filter(name="colour").delete()

    at_once(put_and_delete, 40)
    assert not Configuration.objects.filter(name="colour").exists()
