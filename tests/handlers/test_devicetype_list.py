"""devicetype/list: who sees which (protocol, 5.9, with 3.3)."""

from typing import Any

import pytest

from devices.models import DeviceType, User
from tests.conftest import Connection, connected, success


def names(connection: Connection, **members: Any) -> list[str]:
    answer = connection.ask("devicetype/list", **members)
    assert answer["status"] == "success", answer
    return [device_type["name"] for device_type in answer["deviceTypes"]]


@pytest.fixture
def dave(device_type: DeviceType) -> User:
    """A client who may use one type."""
    user = User.objects.create(login="dave", all_device_types_available=False)
    user.device_types.add(device_type)
    return user


def test_an_administrator_sees_all(as_alice: Connection, device_type: DeviceType) -> None:
    answer = as_alice.ask("devicetype/list", skip=7)
    cooking = {"id": 8, "name": "Cooking", "description": None}
    sensors = {"id": device_type.id, "name": "Sensors", "description": None}
    assert answer == success("devicetype/list", deviceTypes=[cooking, sensors])


def test_a_user_with_all_types_sees_all(as_bob: Connection) -> None:
    assert len(names(as_bob)) == 8


def test_others_see_those_assigned_to_them(dave: User) -> None:
    assert names(connected(dave)) == ["Sensors"]


def test_charlie_may_not_see_any(charlie: User, dave: User) -> None:
    User.objects.filter(pk=charlie.pk).update(all_device_types_available=False)
    charlie.refresh_from_db()
    assert connected(charlie).ask("devicetype/list") == success("devicetype/list", deviceTypes=[])


def test_a_restricted_token_shows_what_it_lists(dave: User) -> None:
    dave.device_types.add(2)
    assert names(connected(dave, dt=("2",))) == ["Cameras"]


def test_a_restricted_administrator_sees_what_the_token_lists(alice: User) -> None:
    User.objects.update(all_device_types_available=False)
    alice.refresh_from_db()
    assert names(connected(alice, dt=("2", "3"))) == ["Cameras", "Lightning"]


def test_a_list_in_the_token_is_void_for_a_user_with_all_types(bob: User) -> None:
    assert len(names(connected(bob, dt=("2",)))) == 8


@pytest.mark.parametrize("types", [(), None])
def test_a_token_that_lists_no_type_shows_none(dave: User, types: tuple[str, ...] | None) -> None:
    assert names(connected(dave, dt=types)) == []


def test_a_token_for_everything_shows_no_more_than_assignments(dave: User) -> None:
    assert names(connected(dave, dt=("*",))) == ["Sensors"]


def test_what_is_assigned_is_that_of_now(dave: User) -> None:
    connection = connected(dave)
    dave.device_types.clear()
    assert names(connection) == []


def test_a_pattern_sorted_and_cut(as_alice: Connection) -> None:
    page = names(as_alice, namePattern="C%", sortField="name", sortOrder="DESC", skip=1, take=2)
    assert page == ["Cars", "Cameras"]
