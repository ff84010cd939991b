"""The actions a token can carry, and the first two steps of the gate (protocol, 2.1, 2.7, 3.1)."""

import pytest

from devicehive.protocol.permissions import (
    ADMIN_ONLY,
    ALL,
    BY_NAME,
    CLIENT,
    NO_LIMIT,
    UNLISTED,
    Limit,
    Permission,
    Principal,
    granted,
    require,
)
from devicehive.protocol.refusals import Refused

NAMES = {
    0: "*",
    2: "GetNetwork",
    3: "GetDevice",
    4: "GetDeviceNotification",
    5: "GetDeviceCommand",
    6: "RegisterDevice",
    7: "CreateDeviceCommand",
    8: "UpdateDeviceCommand",
    9: "CreateDeviceNotification",
    10: "GetCurrentUser",
    11: "UpdateCurrentUser",
    12: "ManageUser",
    13: "ManageConfiguration",
    14: "ManageNetwork",
    15: "ManageToken",
    16: "ManagePlugin",
    17: "GetDeviceType",
    18: "ManageDeviceType",
}


def test_the_names_on_the_wire() -> None:
    assert {p.value: p.wire_name for p in Permission if p is not Permission.NONE} == NAMES


def test_names_are_found_in_lower_case() -> None:
    assert {name: p.value for name, p in BY_NAME.items()} == {
        name.lower(): number for number, name in NAMES.items()
    }


def test_what_a_client_may_not() -> None:
    assert sorted(ADMIN_ONLY) == [12, 13, 14, 18]
    assert sorted(CLIENT) == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 17]
    assert sorted(ALL) == list(range(2, 19))


@pytest.mark.parametrize(
    ("ids", "permissions"),
    [
        (None, frozenset()),
        ((), CLIENT),
        ((0,), ALL),
        ((3, 0), ALL),
        ((3, 6), {3, 6}),
        ((1,), {1}),
    ],
)
def test_what_the_actions_of_a_token_grant(
    ids: tuple[int, ...] | None, permissions: frozenset[Permission]
) -> None:
    assert granted(ids) == permissions


def test_an_unknown_id_is_an_error() -> None:
    with pytest.raises(ValueError, match="19"):
        granted((3, 19))


@pytest.mark.parametrize(
    ("limit", "conditions"),
    [
        (NO_LIMIT, {}),
        (UNLISTED, {}),
        (Limit(ids=frozenset()), {"id__among": frozenset()}),
        (Limit(ids=frozenset({5})), {"id": 5}),
        (Limit(ids=frozenset({5, 6})), {"id__among": {5, 6}}),
    ],
)
def test_what_a_limit_leaves(limit: Limit, conditions: dict[str, object]) -> None:
    assert limit.only("id") == conditions


def principal(*permissions: Permission) -> Principal:
    return Principal(user_id=1, is_admin=True, permissions=frozenset(permissions))


def test_the_gate_lets_in_who_has_one_of_the_permissions() -> None:
    allowed = principal(Permission.GET_DEVICE)
    require(allowed, frozenset({Permission.GET_DEVICE, Permission.MANAGE_USER}))


@pytest.mark.parametrize(
    ("who", "code", "text"),
    [
        (principal(), 403, "Access is denied"),
        (principal(Permission.NONE), 403, "Access is denied"),
        (principal(Permission.REGISTER_DEVICE), 403, "Access is denied"),
    ],
)
def test_the_gate_keeps_out_everyone_else(who: Principal, code: int, text: str) -> None:
    with pytest.raises(Refused) as refused:
        require(who, frozenset({Permission.GET_DEVICE}))
    assert (refused.value.code, refused.value.text) == (code, text)
