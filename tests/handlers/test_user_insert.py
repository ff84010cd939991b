"""user/insert, row by row of its table (protocol, 5.10.4)."""

from typing import Any

import pytest
from django.contrib.auth.hashers import check_password

from devicehive.protocol.permissions import Permission
from devicehive.serving import hashing
from devices.models import User
from tests.conftest import Connection, connected, refused, success
from tests.factories import PASSWORD

DORA = {"login": "dora", "password": "secret", "role": 1}
INVALID = (
    "Error! Make sure, that the passed object is correct and properly structured. "
    "Validation failed: "
)
LOGIN_LIMIT = (
    "Field login cannot be empty. The length of login should not be more than 128 symbols."
)


def insert(connection: Connection, **members: Any) -> dict[str, Any]:
    """Insert dora, with other members."""
    return connection.ask("user/insert", user=DORA | members)


def test_a_user_with_defaults(as_alice: Connection) -> None:
    answer = insert(as_alice)
    dora = User.objects.get(login="dora")
    assert answer == success(
        "user/insert",
        user={
            "id": dora.pk,
            "lastLogin": None,
            "data": None,
            "introReviewed": False,
            "allDeviceTypesAvailable": True,
        },
    )
    assert (dora.role, dora.status, dora.login_attempts) == (1, 0, 0)
    assert not dora.networks.exists()


def test_a_user_with_everything(as_alice: Connection) -> None:
    answer = insert(
        as_alice,
        role=0,
        status=2,
        data={"b": [1, None], "a": {}},
        introReviewed=True,
        allDeviceTypesAvailable=False,
    )
    dora = User.objects.get(login="dora")
    assert answer["user"] == {
        "id": dora.pk,
        "lastLogin": None,
        "data": {"b": [1, None], "a": {}},
        "introReviewed": True,
        "allDeviceTypesAvailable": False,
    }
    assert (dora.role, dora.status) == (0, 2)


def test_null_is_absent(as_alice: Connection) -> None:
    nothing = dict.fromkeys(("status", "data", "introReviewed", "allDeviceTypesAvailable", "id"))
    assert insert(as_alice, **nothing)["status"] == "success"
    assert User.objects.get(login="dora").all_device_types_available


def test_data_is_stored_as_it_was_sent(as_alice: Connection) -> None:
    data = '{"z": 1.10, "a": 12345678901234567890123, "n": {"x": null}}'
    as_alice.send(
        '{"action": "user/insert", "user": {"login": "dora", "password": "secret", "role": 1, '
        f'"data": {data}}}}}'
    )
    assert User.objects.get(login="dora").data == data


def test_the_password_is_hashed_and_logs_in(as_alice: Connection, anonymous: Connection) -> None:
    insert(as_alice)
    stored = User.objects.get(login="dora").password
    assert stored != "secret"
    assert check_password("secret", stored)
    assert anonymous.ask("token", login="dora", password="secret")["status"] == "success"


def test_the_login_is_trimmed(as_alice: Connection) -> None:
    insert(as_alice, login="  dora ")
    assert User.objects.filter(login="dora").exists()


def test_an_id_is_ignored(as_alice: Connection) -> None:
    assert insert(as_alice, id=1_000_000)["user"]["id"] != 1_000_000


@pytest.mark.parametrize("data", ["text", 1, [], True])
def test_row_1_data_is_an_object(as_alice: Connection, data: object) -> None:
    text = "'parameters' must be JSON Object!"
    assert insert(as_alice, data=data) == refused("user/insert", 400, text)


@pytest.mark.parametrize("members", [{}, {"user": None}])
def test_row_2_a_user(as_alice: Connection, members: dict[str, Any]) -> None:
    answer = as_alice.ask("user/insert", **members)
    assert answer == refused("user/insert", 400, "User is required")


@pytest.mark.parametrize(
    ("member", "value", "shown", "message"),
    [
        ("login", "", "", LOGIN_LIMIT),
        ("login", "l" * 129, "l" * 129, LOGIN_LIMIT),
        ("role", 2, "2", "The value of role should not be more than 1."),
        ("role", -1, "-1", "The value of role should not be less than 0."),
        ("status", 4, "4", "The value of status should not be more than 3."),
        ("status", -1, "-1", "The value of status should not be less than 0."),
        (
            "password",
            "p" * 129,
            "...",
            "The length of password should not be more than 128 symbols.",
        ),
    ],
)
def test_a_member_beyond_the_limits_of_row_3_is_refused(
    as_alice: Connection, member: str, value: object, shown: str, message: str
) -> None:
    text = f"{INVALID}\nOn property {member} (value: {shown}): {message} ; "
    assert insert(as_alice, **{member: value}) == refused("user/insert", 400, text)


def test_row_3_all_that_is_wrong_in_one_answer(as_alice: Connection) -> None:
    text = (
        f"{INVALID}\nOn property role (value: 2): The value of role should not be more than 1. ; "
        f"\nOn property login (value: ): {LOGIN_LIMIT} ; "
    )
    assert insert(as_alice, role=2, login="") == refused("user/insert", 400, text)


def test_row_4_status_3_before_the_missing_login(as_alice: Connection) -> None:
    answer = insert(as_alice, status=3, login=None)
    assert answer == refused("user/insert", 400, "Invalid user status")


def test_row_5_a_login_before_the_missing_role(as_alice: Connection) -> None:
    text = f"{INVALID}\nOn property login (value: null): login field cannot be null. ; "
    assert insert(as_alice, login=None, role=None) == refused("user/insert", 400, text)


def test_row_6_a_role_before_the_login_that_is_taken(as_alice: Connection) -> None:
    answer = insert(as_alice, role=None, login="alice")
    assert answer == refused("user/insert", 400, "User role is invalid or empty")


def test_row_7_a_free_login_before_the_missing_password(as_alice: Connection) -> None:
    answer = insert(as_alice, login=" alice ", password=None)
    text = "User with such login already exists. Please, select another one"
    assert answer == refused("user/insert", 403, text)


def test_row_7_logins_differ_in_case(as_alice: Connection) -> None:
    assert insert(as_alice, login="ALICE")["status"] == "success"


@pytest.mark.parametrize(
    "password", [None, "", "five5", *(f"line{end}break" for end in "\n\r\x85\u2028\u2029")]
)
def test_row_8_the_password_before_the_short_login(
    as_alice: Connection, password: str | None
) -> None:
    answer = insert(as_alice, password=password, login="a")
    text = "Password can contain only from 6 to 128 symbols!"
    assert answer == refused("user/insert", 400, text)


@pytest.mark.parametrize("login", ["a", "ab", "  ab  ", "   ", "+"])
def test_row_9_the_length_of_the_login(as_alice: Connection, login: str) -> None:
    answer = insert(as_alice, login=login)
    text = "Field cannot be empty. The length of login should be from 3 to 128 symbols."
    assert answer == refused("user/insert", 400, text)


@pytest.mark.parametrize("login", ["do ra", "döra", "do+ra", "dora\n!"])
def test_row_10_the_characters_of_the_login(as_alice: Connection, login: str) -> None:
    answer = insert(as_alice, login=login)
    text = (
        "Login can contain only lowercase or uppercase letters, numbers, "
        "and some special symbols (_@.)"
    )
    assert answer == refused("user/insert", 400, text)


def test_a_refused_user_is_not_there(as_alice: Connection) -> None:
    insert(as_alice, password="short")
    assert not User.objects.filter(login="dora").exists()


def test_an_administrator_with_a_token_for_one_network_may(alice: User) -> None:
    assert insert(connected(alice, n=("1",), dt=()))["status"] == "success"


def test_a_client_may_with_the_permission(bob: User) -> None:
    connection = connected(bob, a=(Permission.MANAGE_USER.value,))
    assert insert(connection)["status"] == "success"


@pytest.mark.parametrize(
    ("action", "members"),
    [
        ("user/insert", {"user": {"login": "dora", "password": PASSWORD, "role": 1}}),
        ("user/update", {"user": {"password": "a new phrase"}}),
        ("user/updateCurrent", {"user": {"password": "a new phrase"}}),
    ],
)
def test_a_password_is_hashed_in_turn_and_not_while_too_many_wait(
    as_alice: Connection,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
    members: dict[str, Any],
) -> None:
    monkeypatch.setattr(hashing, "MOST_WAITING", 0)
    wait = {**refused(action, 429, "Too many attempts"), "retryAfter": 1}
    assert as_alice.ask(action, userId=alice.pk, **members) == wait
    assert [user.check_password(PASSWORD) for user in User.objects.all()] == [True]


def test_who_changes_no_password_waits_for_nobody(
    as_alice: Connection, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "MOST_WAITING", 0)
    changed = as_alice.ask("user/update", userId=alice.pk, user={"introReviewed": True})
    assert changed == success("user/update")
