"""What charlie, a stranger to bob, gets from the actions about users."""

from typing import Any

import pytest

from devices.models import DeviceType, Network, User
from tests.conftest import Connection, connected, refused, success

FOR_ADMINISTRATORS = [
    "user/list",
    "user/count",
    "user/get",
    "user/insert",
    "user/update",
    "user/delete",
    "user/assignNetwork",
    "user/unassignNetwork",
    "user/getDeviceTypes",
    "user/assignDeviceType",
    "user/unassignDeviceType",
    "user/allowAllDeviceTypes",
    "user/disallowAllDeviceTypes",
]


@pytest.fixture
def about_bob(bob: User, network: Network, device_type: DeviceType) -> dict[str, Any]:
    """All that an action could want to know, and right."""
    new = {"login": "dora", "password": "secret phrase", "role": 0}
    return {"userId": bob.pk, "networkId": network.pk, "deviceTypeId": device_type.pk, "user": new}


@pytest.mark.parametrize("action", FOR_ADMINISTRATORS)
def test_charlie_may_not(as_charlie: Connection, about_bob: dict[str, Any], action: str) -> None:
    before = list(User.objects.order_by("pk").values())
    assert as_charlie.ask(action, **about_bob) == refused(action, 403, "Access is denied")
    assert list(User.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("action", ["user/getNetwork", "user/getDeviceType"])
def test_charlie_learns_nothing_of_bob(
    charlie: User, bob: User, about_bob: dict[str, Any], action: str
) -> None:
    everything = connected(charlie, n=("*",), dt=("*",))
    answer = everything.ask(action, **about_bob)
    assert answer == refused(action, 404, f"User with id = {bob.pk} not found")


def test_the_current_user_is_charlie(as_charlie: Connection, bob: User, charlie: User) -> None:
    answer = as_charlie.ask("user/getCurrent", userId=bob.pk)
    assert (answer["current"]["id"], answer["current"]["networks"]) == (charlie.pk, [])


def test_charlie_makes_nobody_an_administrator(
    as_charlie: Connection, bob: User, charlie: User
) -> None:
    answer = as_charlie.ask("user/updateCurrent", userId=bob.pk, user={"role": 0})
    text = "Admin permissions required for this action"
    assert answer == refused("user/updateCurrent", 403, text)
    assert not User.objects.filter(role=User.Role.ADMIN, login__in=["bob", "charlie"]).exists()


def test_charlie_changes_only_charlie(as_charlie: Connection, bob: User, charlie: User) -> None:
    answer = as_charlie.ask("user/updateCurrent", userId=bob.pk, user={"data": {"mine": 1}})
    assert answer == success("user/updateCurrent")
    bob.refresh_from_db()
    charlie.refresh_from_db()
    assert (bob.data, charlie.data) == (None, '{"mine": 1}')
