"""How the database finds devices: by what is asked for, however many there are."""

from itertools import product

import pytest
from django.db import connection

from devicehive.orm.filtered import Filtered
from devicehive.protocol.permissions import Principal
from devices.models import Device, Network, User
from devices.services.standing import unlimited
from tests.factories import client_within, make_user
from tests.kept import kept
from tests.plans import plans
from tests.services.test_devices import listed

__all__ = ["kept"]

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def network(kept: None) -> Network:
    return Network.objects.create(name="bob's network")


@pytest.fixture(scope="module")
def ten_thousand(network: Network) -> Principal:
    """10,000 devices, half of them in the network; the administrator."""
    other = Network.objects.create(name="other")
    Device.objects.bulk_create(
        Device(
            id=f"d{number * 7919 % 10_000:05}",
            name=f"name-{number:05}",
            network=(network, other)[number % 2],
            device_type_id=number % 8 + 1,
        )
        for number in range(10_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return unlimited(make_user("alice", role=User.Role.ADMIN))


def plan(rows: Filtered[Device]) -> str:
    """How the database finds a page."""
    return plans(lambda: rows, "devices_device")


def sorts(steps: str) -> bool:
    """Whether all that is found is sorted for a page of it.

    Devices of one network may be, in the order of networks: an index for that alone would cost
    every save on SQLite a sixth.
    """
    steps = steps.replace("Incremental Sort", "").replace("TEMP B-TREE FOR RIGHT PART", "")
    return "Sort  (" in steps or "TEMP B-TREE" in steps


def scans(steps: str) -> bool:
    """Whether the devices are read from first to last without the help of an index."""
    return "Seq Scan on devices_device" in steps or "SCAN devices_device\n" in steps + "\n"


def test_a_page_in_any_order_does_not_sort_all(ten_thousand: Principal) -> None:
    for field, order in product((None, "name", "network"), ("asc", "desc")):
        steps = plan(listed(ten_thousand, sort_field=field, sort_order=order))
        assert not scans(steps), steps
        assert not sorts(steps), steps


def test_a_page_of_a_network_does_not_sort_all(ten_thousand: Principal, network: Network) -> None:
    # Of a network with a smaller share, SQLite sorts the devices, found by their index: 14 ms for
    # 50,000 where there are 10,000 other networks. Without ANALYZE it always does.
    steps = plan(listed(ten_thousand, network_id=network.id))
    assert not scans(steps), steps
    assert not sorts(steps), steps


def test_names_are_found_by_their_index(ten_thousand: Principal) -> None:
    for by in {"name": "name-00042"}, {"name_pattern": "name-0004%"}:
        steps = plan(listed(ten_thousand, **by))
        assert "device_by_name" in steps, steps
        assert not scans(steps), steps


@pytest.mark.usefixtures("ten_thousand")
def test_a_client_reads_no_network_but_its_own(network: Network) -> None:
    bob = make_user("bob")
    bob.networks.add(network)
    for field in (None, "name", "network"):
        steps = plan(listed(client_within(bob, network.id), sort_field=field))
        assert not scans(steps), steps
