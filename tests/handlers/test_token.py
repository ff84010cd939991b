"""token: log in with a password (protocol, 2.4, 2.6 and 2.8)."""

import time
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from pytest_django import Settings

from devicehive.hashers import Argon2Hasher
from devicehive.protocol import jwts
from devicehive.protocol.claims import ACCESS, REFRESH, Claims
from devicehive.protocol.permissions import CLIENT
from devices.models import DeviceType, Network, User
from devices.services import configuration, known_passwords, users
from devices.services.standing import unlimited
from tests.conftest import Connection, refused, success
from tests.factories import PASSWORD

MISSING = refused("token", 400, "Invalid or empty authorization request parameters")
WRONG = refused("token", 401, "Invalid credentials")
WAIT = {**refused("token", 429, "Too many attempts"), "retryAfter": 1}


class NotingHasher(Argon2Hasher):
    """Quick, and notes what it hashes."""

    time_cost, memory_cost = 1, 8
    hashed: list[str]

    def encode(self, password: str, salt: str) -> str:
        self.hashed.append(password)
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        self.hashed.append(password)
        return super().verify(password, encoded)


@pytest.fixture
def hashes(
    bob: User, charlie: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """What was hashed since bob and charlie were made."""
    hashed: list[str] = []
    monkeypatch.setattr(NotingHasher, "hashed", hashed, raising=False)
    settings.PASSWORD_HASHERS = [f"{__name__}.NotingHasher"]
    User.objects.update(password=make_password(PASSWORD))
    hashed.clear()
    return hashed


def log_in(connection: Connection, login: str) -> tuple[Claims, Claims]:
    """The claims of the access and the refresh token."""
    answer = connection.ask("token", login=login, password=PASSWORD)
    access, refresh = answer["accessToken"], answer["refreshToken"]
    assert answer == success("token", accessToken=access, refreshToken=refresh)
    return jwts.verify(access).payload, jwts.verify(refresh).payload


def test_an_administrator_gets_tokens_for_everything(anonymous: Connection, alice: User) -> None:
    access, refresh = log_in(anonymous, "alice")
    for claims in access, refresh:
        assert (claims.u, claims.a, claims.n, claims.dt) == (alice.pk, (0,), ("*",), ("*",))
    assert (access.t, refresh.t) == (ACCESS, REFRESH)


def test_a_client_gets_tokens_for_its_networks(
    anonymous: Connection, bob: User, network: Network
) -> None:
    bob.networks.add(1)
    for claims in log_in(anonymous, "bob"):
        assert claims.a == tuple(sorted(CLIENT))
        assert claims.n == ("1", str(network.pk))
        assert claims.dt == ("*",)


def test_a_client_gets_tokens_for_its_types(
    anonymous: Connection, charlie: User, device_type: DeviceType
) -> None:
    charlie.all_device_types_available = False
    charlie.save()
    assert log_in(anonymous, "charlie")[0].dt == ()
    charlie.device_types.add(device_type, 2)
    assert log_in(anonymous, "charlie")[0].dt == ("2", str(device_type.pk))
    assert log_in(anonymous, "charlie")[0].n == ()


def test_how_long_tokens_live(anonymous: Connection, bob: User) -> None:
    before = int(time.time() * 1000)
    access, refresh = log_in(anonymous, "bob")
    after = int(time.time() * 1000)
    for claims, seconds in [
        (access, settings.ACCESS_TOKEN_SECONDS),
        (refresh, settings.REFRESH_TOKEN_SECONDS),
    ]:
        assert before <= claims.e - seconds * 1000 <= after


def test_it_does_not_authenticate(anonymous: Connection, bob: User) -> None:
    log_in(anonymous, "bob")
    assert anonymous.ask("device/count") == refused("device/count", 401, "Unauthorized")


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"login": "bob"},
        {"password": PASSWORD},
        {"login": None, "password": PASSWORD},
        {"login": "bob", "password": None},
        {"login": "", "password": PASSWORD},
        {"login": " \t", "password": PASSWORD},
        {"login": "bob", "password": ""},
        {"login": "nobody", "password": ""},
    ],
)
def test_login_and_password_are_required(
    anonymous: Connection, bob: User, members: dict[str, Any]
) -> None:
    assert anonymous.ask("token", **members) == MISSING


@pytest.mark.parametrize("members", [{"login": {}}, {"login": "bob", "password": []}])
def test_members_have_types(anonymous: Connection, members: dict[str, Any]) -> None:
    assert anonymous.ask("token", **members) == refused("token", 400, "Malformed Json received.")


@pytest.mark.parametrize("login", ["nobody", "Bob", " bob", "bob ", "b%b", "100%s", "x" * 1000])
def test_an_unknown_login(anonymous: Connection, bob: User, login: str) -> None:
    assert anonymous.ask("token", login=login, password=PASSWORD) == refused(
        "token", 401, f"User with login = {login} not found or bad password"
    )


@pytest.mark.parametrize("status", [User.Status.LOCKED_OUT, User.Status.DISABLED])
@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_a_user_who_is_not_active_is_refused(
    anonymous: Connection, bob: User, status: int, password: str
) -> None:
    User.objects.update(status=status)
    assert anonymous.ask("token", login="bob", password=password) == refused(
        "token", 401, "User is locked or disabled"
    )


@pytest.mark.parametrize("password", ["wrong", f" {PASSWORD}", PASSWORD.upper(), " ", 5])
def test_a_wrong_password(anonymous: Connection, bob: User, password: object) -> None:
    assert anonymous.ask("token", login="bob", password=password) == WRONG


@pytest.mark.usefixtures("no_time_passes")
def test_after_ten_wrong_passwords_there_is_to_be_waited(anonymous: Connection, bob: User) -> None:
    assert [anonymous.ask("token", login="bob", password="wrong") for _ in range(10)] == [
        WRONG
    ] * 10
    assert anonymous.ask("token", login="bob", password=PASSWORD) == WAIT
    bob.refresh_from_db()
    assert (bob.status, bob.login_attempts) == (User.Status.ACTIVE, 0)


@pytest.mark.usefixtures("no_time_passes")
def test_it_says_when_an_eleventh_may_be_tried(anonymous: Connection, bob: User) -> None:
    configuration.put("user.login.maxAttempts", "1")
    anonymous.ask("token", login="bob", password="wrong")
    assert anonymous.ask("token", login="bob", password="wrong") == WAIT


@pytest.mark.usefixtures("no_time_passes")
def test_charlies_failures_do_not_count_for_bob(
    anonymous: Connection, bob: User, charlie: User
) -> None:
    configuration.put("user.login.maxAttempts", "1")
    anonymous.ask("token", login="charlie", password="wrong")
    assert anonymous.ask("token", login="charlie", password=PASSWORD) == WAIT
    assert log_in(anonymous, "bob")[0].u == bob.pk


@pytest.mark.usefixtures("no_time_passes")
@pytest.mark.parametrize("status", [User.Status.LOCKED_OUT, User.Status.DISABLED])
def test_who_is_not_active_is_counted_too(anonymous: Connection, bob: User, status: int) -> None:
    configuration.put("user.login.maxAttempts", "1")
    User.objects.update(status=status)
    anonymous.ask("token", login="bob", password=PASSWORD)
    assert anonymous.ask("token", login="bob", password=PASSWORD) == WAIT


@pytest.mark.usefixtures("no_time_passes")
def test_and_so_is_an_unknown_login(anonymous: Connection) -> None:
    configuration.put("user.login.maxAttempts", "1")
    anonymous.ask("token", login="nobody", password=PASSWORD)
    assert anonymous.ask("token", login="nobody", password=PASSWORD) == WAIT


@pytest.mark.usefixtures("no_time_passes")
def test_a_success_forgets_failures(anonymous: Connection, bob: User) -> None:
    configuration.put("user.login.maxAttempts", "2")
    for _ in range(3):
        assert anonymous.ask("token", login="bob", password="wrong") == WRONG
        log_in(anonymous, "bob")


@pytest.mark.usefixtures("no_time_passes")
@pytest.mark.usefixtures("live")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("is_unlocked", [True, False])
def test_who_is_unlocked_or_gets_a_new_password_may_try_at_once(
    anonymous: Connection, bob: User, alice: User, is_unlocked: bool
) -> None:
    configuration.put("user.login.maxAttempts", "1")
    anonymous.ask("token", login="bob", password="wrong")
    if is_unlocked:
        users.unlock(bob)
    else:
        users.update(unlimited(alice), bob.pk, password=PASSWORD)
    assert log_in(anonymous, "bob")[0].u == bob.pk


# --- What is known and what is hashed --------------------------------------------------------


def test_an_old_hash_is_made_anew(anonymous: Connection, bob: User) -> None:
    User.objects.update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    log_in(anonymous, "bob")
    bob.refresh_from_db()
    assert bob.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert bob.check_password(PASSWORD)
    log_in(anonymous, "bob")


def test_a_known_password_is_not_hashed_again(
    anonymous: Connection, bob: User, hashes: list[str]
) -> None:
    log_in(anonymous, "bob")
    log_in(anonymous, "bob")
    assert hashes == [PASSWORD]


def test_a_wrong_one_is_hashed_each_time(
    anonymous: Connection, bob: User, hashes: list[str]
) -> None:
    log_in(anonymous, "bob")
    for _ in range(2):
        assert anonymous.ask("token", login="bob", password="wrong") == WRONG
    assert hashes == [PASSWORD, "wrong", "wrong"]


@pytest.mark.parametrize("login", ["nobody", "bob"])
def test_what_cannot_be_right_is_hashed_too(
    anonymous: Connection, bob: User, hashes: list[str], login: str
) -> None:
    User.objects.update(status=User.Status.DISABLED)
    anonymous.ask("token", login=login, password=PASSWORD)
    assert len(hashes) == 1


def test_a_known_password_that_was_changed_is_wrong(anonymous: Connection, bob: User) -> None:
    log_in(anonymous, "bob")
    User.objects.update(password=make_password("another phrase"))
    assert anonymous.ask("token", login="bob", password=PASSWORD) == WRONG


def test_a_known_password_does_not_admit_who_was_disabled(anonymous: Connection, bob: User) -> None:
    log_in(anonymous, "bob")
    User.objects.update(status=User.Status.DISABLED)
    assert anonymous.ask("token", login="bob", password=PASSWORD) == refused(
        "token", 401, "User is locked or disabled"
    )


def test_a_known_password_is_of_one_user(anonymous: Connection, bob: User, charlie: User) -> None:
    User.objects.filter(pk=charlie.pk).update(password=make_password("another phrase"))
    log_in(anonymous, "bob")
    assert anonymous.ask("token", login="charlie", password=PASSWORD) == WRONG


def test_it_is_known_for_five_minutes(
    anonymous: Connection, bob: User, hashes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(anonymous, "bob")
    later = time.monotonic() + 301
    monkeypatch.setattr(known_passwords, "monotonic", lambda: later)
    log_in(anonymous, "bob")
    assert hashes == [PASSWORD, PASSWORD]


def test_few_users_are_known(
    anonymous: Connection,
    bob: User,
    charlie: User,
    hashes: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(known_passwords, "MOST_KNOWN", 1)
    for login in ("bob", "charlie", "charlie", "bob"):
        log_in(anonymous, login)
    assert len(hashes) == 3
