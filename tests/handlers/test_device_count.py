"""device/count (protocol, 5.4.3): the number that device/list would return (R-18)."""

from typing import Any

import pytest

from devices.models import Device, User
from tests.conftest import Connection, connected, refused, success
from tests.handlers.test_device_list import FILTERS, devices, listed

__all__ = ["devices"]


def counted(connection: Connection, **members: object) -> int:
    answer = connection.ask("device/count", **members)
    assert answer == success("device/count", count=answer.get("count"))
    count = answer["count"]
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize(("members", "ids"), FILTERS)
def test_the_devices_that_match_are_counted(
    devices: list[Device], as_bob: Connection, members: dict[str, Any], ids: list[str]
) -> None:
    assert counted(as_bob, **members) == len(ids)


def test_everyone_counts_what_they_see(
    devices: list[Device], as_alice: Connection, as_bob: Connection, as_charlie: Connection
) -> None:
    assert (counted(as_alice), counted(as_bob), counted(as_charlie)) == (5, 3, 0)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"n": None},
        {"n": ()},
        {"n": ("1",)},
        {"n": ("*",)},
        {"dt": None},
        {"dt": ()},
        {"dt": ("2",)},
        {"n": ("*",), "dt": ("*",)},
    ],
)
def test_the_count_is_that_of_the_list(
    devices: list[Device], alice: User, bob: User, claims: dict[str, Any]
) -> None:
    for user in alice, bob:
        connection = connected(user, **claims)
        assert counted(connection) == len(listed(connection))


def test_paging_and_sorting_do_not_matter(devices: list[Device], as_bob: Connection) -> None:
    assert counted(as_bob, take=1, skip=2, sortField="status", sortOrder="up") == 3


def test_charlie_may_not(devices: list[Device], charlie: User) -> None:
    assert counted(connected(charlie, n=("*",), dt=("*",)), name="Lamp") == 0


def test_anonymous_may_not(anonymous: Connection) -> None:
    assert anonymous.ask("device/count") == refused("device/count", 401, "Unauthorized")


def test_the_permission_is_needed(bob: User) -> None:
    assert connected(bob, a=(6,)).ask("device/count") == refused(
        "device/count", 403, "Access is denied"
    )
