"""network/count and devicetype/count: as many as */list would show without pages (5.8.1, R-18)."""

from typing import Any

import pytest

from devices.models import DeviceType, Network, User
from tests.conftest import Connection, connected, refused, success
from tests.handlers.kinds import NETWORKS, OTHER, Kind


def test_an_administrator_counts_all(
    as_alice: Connection, kind: Kind, group: Network | DeviceType
) -> None:
    there_are = {"network": 2, "devicetype": 9}[str(kind)]
    assert as_alice.ask(f"{kind}/count") == success(f"{kind}/count", count=there_are)


def test_a_member_counts_its_networks(as_bob: Connection) -> None:
    assert as_bob.ask("network/count") == success("network/count", count=1)


def test_charlie_counts_nothing_of_others(
    charlie: User, kind: Kind, group: Network | DeviceType
) -> None:
    User.objects.update(all_device_types_available=False)
    charlie.refresh_from_db()
    assert connected(charlie).ask(f"{kind}/count") == success(f"{kind}/count", count=0)


def test_anonymous_may_not_count(anonymous: Connection, kind: Kind) -> None:
    assert anonymous.ask(f"{kind}/count") == refused(f"{kind}/count", 401, "Unauthorized")


def test_the_permission_to_read_is_needed(alice: User, kind: Kind) -> None:
    answer = connected(alice, a=(kind.manages, OTHER[kind].reads)).ask(f"{kind}/count")
    assert answer == refused(f"{kind}/count", 403, "Access is denied")


def test_pages_do_not_count(as_alice: Connection, kind: Kind) -> None:
    kind.create(f"n{number}" for number in range(30))
    answer = as_alice.ask(f"{kind}/count", namePattern="n%", take=5, skip=29, sortField="?")
    assert answer == success(f"{kind}/count", count=30)


def test_a_principal_in_the_request_is_ignored(charlie: User) -> None:
    User.objects.update(all_device_types_available=False)
    charlie.refresh_from_db()
    charlie.device_types.add(2)
    answer = connected(charlie).ask("devicetype/count", principal={"allDeviceTypes": True})
    assert answer == success("devicetype/count", count=1)


@pytest.mark.parametrize("ids", [None, (), ("1",), ("2",), ("2", "999"), ("*",)])
@pytest.mark.parametrize("role", User.Role)
@pytest.mark.parametrize("all_types", [True, False])
def test_count_and_list_agree(
    bob: User,
    kind: Kind,
    role: User.Role,
    all_types: bool,
    ids: tuple[str, ...] | None,
) -> None:
    filters: list[dict[str, Any]] = [
        {},
        {"name": kind.taken},
        {"namePattern": f"{kind.taken[0]}%"},
    ]
    User.objects.update(role=role, all_device_types_available=all_types)
    if kind is NETWORKS:
        bob.networks.add(1)
    else:
        bob.device_types.add(2, 7)
    claims = {"a": (kind.reads,), kind.claim: ids}
    connection = connected(User.objects.get(pk=bob.pk), **claims)
    for by in filters:
        shown = connection.ask(f"{kind}/list", **by)[kind.members]
        assert connection.ask(f"{kind}/count", **by)["count"] == len(shown), by
