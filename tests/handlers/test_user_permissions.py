"""Who may call user/* at all (protocol, 3.5)."""

import pytest

from devicehive.protocol.permissions import Permission
from devices.models import User
from tests.conftest import Connection, connected, refused

NEEDS = {
    "user/list": Permission.MANAGE_USER,
    "user/count": Permission.MANAGE_USER,
    "user/get": Permission.MANAGE_USER,
    "user/insert": Permission.MANAGE_USER,
    "user/update": Permission.MANAGE_USER,
    "user/delete": Permission.MANAGE_USER,
    "user/getCurrent": Permission.GET_CURRENT_USER,
    "user/updateCurrent": Permission.UPDATE_CURRENT_USER,
    "user/getNetwork": Permission.GET_NETWORK,
    "user/assignNetwork": Permission.MANAGE_NETWORK,
    "user/unassignNetwork": Permission.MANAGE_NETWORK,
    "user/getDeviceType": Permission.GET_DEVICE_TYPE,
    "user/getDeviceTypes": Permission.MANAGE_DEVICE_TYPE,
    "user/assignDeviceType": Permission.MANAGE_DEVICE_TYPE,
    "user/unassignDeviceType": Permission.MANAGE_DEVICE_TYPE,
    "user/allowAllDeviceTypes": Permission.MANAGE_DEVICE_TYPE,
    "user/disallowAllDeviceTypes": Permission.MANAGE_DEVICE_TYPE,
}
ADMINISTRATORS_ONLY = [
    action for action, permission in NEEDS.items() if permission.name.startswith("MANAGE_")
]


@pytest.mark.parametrize("action", NEEDS)
def test_anonymous_is_unauthorized(anonymous: Connection, action: str) -> None:
    answer = anonymous.ask(action, userId=1, user={}, networkId=1, deviceTypeId=1)
    assert answer == refused(action, 401, "Unauthorized")


@pytest.mark.parametrize("action", ADMINISTRATORS_ONLY)
def test_a_client_is_denied(as_bob: Connection, bob: User, action: str) -> None:
    answer = as_bob.ask(action, userId=bob.pk, user={}, networkId=1, deviceTypeId=1)
    assert answer == refused(action, 403, "Access is denied")


@pytest.mark.parametrize("action", NEEDS)
def test_an_administrator_needs_the_permission_in_the_token(alice: User, action: str) -> None:
    others = tuple(sorted(set(Permission) - {Permission.ANY, NEEDS[action]}))
    answer = connected(alice, a=others).ask(action, userId=alice.pk, networkId=1, deviceTypeId=1)
    assert answer == refused(action, 403, "Access is denied")


@pytest.mark.parametrize("action", NEEDS)
def test_the_permission_alone_opens_the_action(alice: User, action: str) -> None:
    answer = connected(alice, a=(NEEDS[action].value,)).ask(action)
    assert answer.get("error") != "Access is denied"


@pytest.mark.parametrize(
    ("action", "members"),
    [
        ("user/get", {"userId": "current"}),
        ("user/list", {"role": "admin"}),
        ("user/count", {"status": True}),
        ("user/insert", {"user": {"role": 1.5}}),
        ("user/insert", {"user": []}),
        ("user/update", {"user": {"introReviewed": 1}, "userId": 1}),
        ("user/getNetwork", {"networkId": ""}),
        ("user/assignDeviceType", {"deviceTypeId": {}}),
    ],
)
def test_members_of_the_wrong_type(as_alice: Connection, action: str, members: object) -> None:
    assert isinstance(members, dict)
    answer = as_alice.ask(action, **members)
    assert answer == refused(action, 400, "Malformed Json received.")
