"""user/update and user/updateCurrent, row by row of their table (protocol, 5.10.5 and 5.10.6)."""

from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from pytest_django import Settings

from devicehive.protocol.permissions import Permission
from devices.models import User
from tests.conftest import Connection, connected, refused, success
from tests.factories import PASSWORD

ADMIN_REQUIRED = "Admin permissions required for this action"
TAKEN = "User with such login already exists. Please, select another one"


@pytest.fixture
def as_manager(bob: User) -> Connection:
    """bob, a client, with a token to manage users."""
    return connected(bob, a=(Permission.MANAGE_USER.value,))


def update(connection: Connection, user: User, **members: Any) -> dict[str, Any]:
    return connection.ask("user/update", userId=user.pk, user=members)


def test_given_members_replace(as_alice: Connection, bob: User) -> None:
    answer = update(
        as_alice, bob, login="robert", role=0, status=2, data={"a": 1}, introReviewed=True
    )
    assert answer == success("user/update")
    bob.refresh_from_db()
    assert (bob.login, bob.role, bob.status, bob.intro_reviewed) == ("robert", 0, 2, True)
    assert bob.data == '{"a": 1}'


def test_members_that_are_not_given_stay_but_data_is_cleared(
    as_alice: Connection, bob: User
) -> None:
    User.objects.filter(pk=bob.pk).update(data="{}", intro_reviewed=True)
    before = User.objects.filter(pk=bob.pk).values().get()
    assert update(as_alice, bob) == success("user/update")
    assert User.objects.filter(pk=bob.pk).values().get() == before | {"data": None}


def test_null_is_absent(as_alice: Connection, bob: User) -> None:
    before = User.objects.filter(pk=bob.pk).values().get()
    nothing = dict.fromkeys(("login", "password", "role", "status", "data", "introReviewed"))
    assert update(as_alice, bob, **nothing) == success("user/update")
    assert User.objects.filter(pk=bob.pk).values().get() == before


def test_id_and_all_device_types_available_are_ignored(as_alice: Connection, bob: User) -> None:
    update(as_alice, bob, id=1_000_000, allDeviceTypesAvailable=False)
    assert User.objects.get(login="bob").pk == bob.pk
    assert User.objects.get(login="bob").all_device_types_available


def test_a_new_password_logs_in(as_alice: Connection, bob: User, anonymous: Connection) -> None:
    update(as_alice, bob, password="a new one")
    assert anonymous.ask("token", login="bob", password="a new one")["status"] == "success"
    answer = anonymous.ask("token", login="bob", password=PASSWORD)
    assert answer == refused("token", 401, "Invalid credentials")


def test_an_empty_password_is_none(as_alice: Connection, bob: User) -> None:
    assert update(as_alice, bob, password="") == success("user/update")
    bob.refresh_from_db()
    assert check_password(PASSWORD, bob.password)


def test_status_0_unlocks(as_alice: Connection, bob: User, anonymous: Connection) -> None:
    User.objects.filter(pk=bob.pk).update(status=User.Status.LOCKED_OUT)
    update(as_alice, bob, status=0)
    assert anonymous.ask("token", login="bob", password=PASSWORD)["status"] == "success"


@pytest.mark.parametrize("members", [{}, {"user": None}])
def test_row_2_a_user_before_the_missing_id(as_alice: Connection, members: dict[str, Any]) -> None:
    answer = as_alice.ask("user/update", **members)
    assert answer == refused("user/update", 400, "User is required")


def test_row_3_an_id(as_alice: Connection) -> None:
    answer = as_alice.ask("user/update", user={})
    assert answer == refused("user/update", 400, "User id is wrong or empty")


def test_row_4_an_existing_user_before_what_a_client_may_not(as_manager: Connection) -> None:
    answer = as_manager.ask("user/update", userId=-1, user={"role": 0})
    assert answer == refused("user/update", 404, "User with id = -1 not found")


@pytest.mark.parametrize("members", [{"login": "bob"}, {"role": 1}, {"status": 0}])
def test_row_5_only_an_administrator_gives_login_role_and_status(
    as_manager: Connection, bob: User, members: dict[str, Any]
) -> None:
    assert update(as_manager, bob, **members) == refused("user/update", 403, ADMIN_REQUIRED)


def test_row_6_only_an_administrator_changes_others(as_manager: Connection, charlie: User) -> None:
    answer = update(as_manager, charlie, password="taken over")
    assert answer == refused("user/update", 403, ADMIN_REQUIRED)
    charlie.refresh_from_db()
    assert check_password(PASSWORD, charlie.password)


def test_row_6_a_client_changes_itself(as_manager: Connection, bob: User) -> None:
    assert update(as_manager, bob, data={"a": 1}) == success("user/update")


def test_row_6_in_compatible_mode_others_too(
    as_manager: Connection, charlie: User, settings: Settings
) -> None:
    settings.COMPATIBLE_MODE = True
    assert update(as_manager, charlie, password="taken over") == success("user/update")
    answer = update(as_manager, charlie, status=0)
    assert answer == refused("user/update", 403, ADMIN_REQUIRED)


def test_row_7_a_free_login_before_the_bad_password(as_alice: Connection, bob: User) -> None:
    answer = update(as_alice, bob, login=" alice ", password="short")
    assert answer == refused("user/update", 403, TAKEN)


def test_row_7_its_own_login_is_free(as_alice: Connection, bob: User) -> None:
    assert update(as_alice, bob, login=" bob ") == success("user/update")
    assert User.objects.get(pk=bob.pk).login == "bob"


@pytest.mark.parametrize("password", ["five5", "p" * 129, "line\rbreak"])
def test_row_8_the_password_before_the_role(as_alice: Connection, bob: User, password: str) -> None:
    answer = update(as_alice, bob, password=password, role=7)
    text = "Password can contain only from 6 to 128 symbols!"
    assert answer == refused("user/update", 400, text)


@pytest.mark.parametrize("role", [-1, 2, 7])
def test_row_9_the_role_before_the_status(as_alice: Connection, bob: User, role: int) -> None:
    answer = update(as_alice, bob, role=role, status=3)
    assert answer == refused("user/update", 400, "User role is invalid or empty")


@pytest.mark.parametrize("status", [-1, 3, 4])
def test_row_9_the_status_before_the_login(as_alice: Connection, bob: User, status: int) -> None:
    answer = update(as_alice, bob, status=status, login="a")
    assert answer == refused("user/update", 400, "Invalid user status")


@pytest.mark.parametrize("login", ["", "  ", "ab", "l" * 129])
def test_row_10_the_length_of_the_login(as_alice: Connection, bob: User, login: str) -> None:
    text = "Field cannot be empty. The length of login should be from 3 to 128 symbols."
    assert update(as_alice, bob, login=login) == refused("user/update", 400, text)


def test_row_10_the_characters_of_the_login(as_alice: Connection, bob: User) -> None:
    text = (
        "Login can contain only lowercase or uppercase letters, numbers, "
        "and some special symbols (_@.)"
    )
    assert update(as_alice, bob, login="bob!") == refused("user/update", 400, text)


def test_a_refused_update_changes_nothing(as_alice: Connection, bob: User) -> None:
    before = User.objects.filter(pk=bob.pk).values().get()
    update(as_alice, bob, login="robert", data={"a": 1}, status=3)
    assert User.objects.filter(pk=bob.pk).values().get() == before


def test_an_administrator_with_a_token_for_one_network_changes_anyone(
    alice: User, bob: User
) -> None:
    assert update(connected(alice, n=("1",), dt=()), bob, role=0) == success("user/update")


def test_the_caller_changes_its_own(as_bob: Connection, bob: User, charlie: User) -> None:
    answer = as_bob.ask(
        "user/updateCurrent",
        userId=charlie.pk,
        user={"password": "a new one", "introReviewed": True},
    )
    assert answer == success("user/updateCurrent")
    bob.refresh_from_db()
    assert bob.intro_reviewed
    assert check_password("a new one", bob.password)


def test_a_password_change_of_the_caller_clears_its_data(as_bob: Connection, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(data="{}")
    as_bob.ask("user/updateCurrent", user={"password": "a new one"})
    assert User.objects.get(pk=bob.pk).data is None


def test_the_caller_needs_a_user(as_bob: Connection) -> None:
    answer = as_bob.ask("user/updateCurrent")
    assert answer == refused("user/updateCurrent", 400, "User is required")


@pytest.mark.parametrize("members", [{"login": "bob"}, {"role": 1}, {"status": 0}])
def test_a_client_may_not_even_repeat_its_login_role_or_status(
    as_bob: Connection, members: dict[str, Any]
) -> None:
    answer = as_bob.ask("user/updateCurrent", user=members)
    assert answer == refused("user/updateCurrent", 403, ADMIN_REQUIRED)


@pytest.mark.parametrize("compatible", [False, True])
def test_the_role_that_counts_is_that_of_the_moment_but_for_compatible_mode(
    settings: Any, as_alice: Connection, alice: User, compatible: bool
) -> None:
    settings.COMPATIBLE_MODE = compatible
    User.objects.filter(pk=alice.pk).update(role=User.Role.CLIENT)
    answer = as_alice.ask("user/updateCurrent", user={"role": 0})
    done, refusal = (
        success("user/updateCurrent"),
        refused("user/updateCurrent", 403, ADMIN_REQUIRED),
    )
    assert answer == (done if compatible else refusal)


@pytest.mark.parametrize("compatible", [False, True])
def test_the_caller_was_deleted(
    settings: Any, as_bob: Connection, bob: User, compatible: bool
) -> None:
    settings.COMPATIBLE_MODE = compatible
    bob_id = bob.pk
    bob.delete()
    answer = as_bob.ask("user/updateCurrent", user={})
    not_found = refused("user/updateCurrent", 404, f"User with id = {bob_id} not found")
    assert answer == (
        not_found if compatible else refused("user/updateCurrent", 401, "Unauthorized")
    )


@pytest.mark.parametrize(
    ("members", "code", "text"),
    [
        ({"login": "bob"}, 403, TAKEN),
        (
            {"login": "al"},
            400,
            "Field cannot be empty. The length of login should be from 3 to 128 symbols.",
        ),
        (
            {"login": "alice!"},
            400,
            (
                "Login can contain only lowercase or uppercase letters, numbers, "
                "and some special symbols (_@.)"
            ),
        ),
        ({"password": "five5"}, 400, "Password can contain only from 6 to 128 symbols!"),
        ({"role": 2}, 400, "User role is invalid or empty"),
        ({"status": 3}, 400, "Invalid user status"),
        ({"data": []}, 400, "'parameters' must be JSON Object!"),
    ],
)
def test_an_administrator_obeys_the_same_rules_for_itself(
    as_alice: Connection, alice: User, bob: User, members: dict[str, Any], code: int, text: str
) -> None:
    answer = as_alice.ask("user/updateCurrent", user=members)
    assert answer == refused("user/updateCurrent", code, text)
    assert update(as_alice, alice, **members) == refused("user/update", code, text)
