"""devicetype/count: as many as devicetype/list would list without paging (protocol, 5.9, R-18)."""

from typing import Any

import pytest

from devices.models import DeviceType, User
from tests.conftest import Connection, connected, refused, success


def test_an_administrator_counts_all(as_alice: Connection, device_type: DeviceType) -> None:
    assert as_alice.ask("devicetype/count") == success("devicetype/count", count=9)


def test_charlie_may_not_count_what_is_not_assigned(charlie: User) -> None:
    User.objects.update(all_device_types_available=False)
    charlie.refresh_from_db()
    assert connected(charlie).ask("devicetype/count") == success("devicetype/count", count=0)


def test_anonymous_may_not_ask(anonymous: Connection) -> None:
    assert anonymous.ask("devicetype/count") == refused("devicetype/count", 401, "Unauthorized")


def test_it_needs_get_device_type(alice: User) -> None:
    answer = connected(alice, a=(2, 18)).ask("devicetype/count")
    assert answer == refused("devicetype/count", 403, "Access is denied")


def test_a_principal_in_the_request_is_ignored(charlie: User) -> None:
    User.objects.update(all_device_types_available=False)
    charlie.refresh_from_db()
    charlie.device_types.add(2)
    answer = connected(charlie).ask("devicetype/count", principal={"allDeviceTypes": True})
    assert answer == success("devicetype/count", count=1)


@pytest.mark.parametrize("types", [None, (), ("2",), ("2", "999"), ("*",)])
@pytest.mark.parametrize("members", [{}, {"name": "Cameras"}, {"namePattern": "C%"}])
@pytest.mark.parametrize("role", User.Role)
@pytest.mark.parametrize("all_types", [True, False])
def test_count_and_list_agree(
    bob: User,
    role: User.Role,
    all_types: bool,
    types: tuple[str, ...] | None,
    members: dict[str, Any],
) -> None:
    User.objects.update(role=role, all_device_types_available=all_types)
    bob.device_types.add(2, 7)
    connection = connected(User.objects.get(pk=bob.pk), a=(17,), dt=types)
    listed = connection.ask("devicetype/list", **members)["deviceTypes"]
    assert connection.ask("devicetype/count", **members)["count"] == len(listed)
