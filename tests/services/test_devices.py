"""Devices, beyond what one frame can show: patterns, query plans, rivals in other processes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from threading import Barrier
from typing import Any

import msgspec
import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from devicehive.orm.filtered import Filtered
from devicehive.protocol.permissions import CLIENT, NO_LIMIT, Limit, Principal
from devicehive.protocol.refusals import Refused
from devices.handlers.device import Listing
from devices.handlers.paging import page
from devices.models import Device, Network, User
from devices.schemas.device import DeviceBody
from devices.services import devices
from devices.services.device_save import DeviceSave
from devices.services.standing import unlimited
from tests.plans import plans, texts

# --- Patterns (7.5) ------------------------------------------------------------------------

NAMES = ["abc", "ABC", "a", "a%c", "a_c", "a\\c", "a*c", "a?c", "[ab]c", "a\nc", "ä€😀", "abcabc"]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("abc", ["abc"]),
        ("ABC", ["ABC"]),
        ("a", ["a"]),
        ("", []),
        ("%", NAMES),
        ("%%", NAMES),
        ("_", ["a"]),
        ("___", ["abc", "ABC", "a%c", "a_c", "a\\c", "a*c", "a?c", "a\nc", "ä€😀"]),
        ("ab%", ["abc", "abcabc"]),
        ("%bc", ["abc", "abcabc"]),
        ("%b%", ["abc", "[ab]c", "abcabc"]),
        ("a_c", ["abc", "a%c", "a_c", "a\\c", "a*c", "a?c", "a\nc"]),
        (r"a\%c", ["a%c"]),
        (r"a\_c", ["a_c"]),
        (r"a\\c", ["a\\c"]),
        (r"a\bc", ["abc"]),
        ("a*c", ["a*c"]),
        ("a?c", ["a?c"]),
        ("[ab]c", ["[ab]c"]),
        ("[%", ["[ab]c"]),
        ("%]c", ["[ab]c"]),
        ("a^c", []),
        ("abc\\", []),
        ("\\", []),
        ("%\\", []),
        ("ä_😀", ["ä€😀"]),
        ("%😀", ["ä€😀"]),
        ("%" * 60_000, NAMES),
        ("a" * 60_000, []),
        ("_%" * 60_000, []),
    ],
    ids=lambda value: value[:9] if isinstance(value, str) else "",
)
def test_a_pattern_means_the_same_on_every_database(
    network: Network, pattern: str, names: list[str]
) -> None:
    Device.objects.bulk_create(
        Device(id=f"d{number}", name=name, network=network, device_type_id=1)
        for number, name in enumerate(NAMES)
    )
    found = network.devices.filter(name__like=pattern).order_by("id")
    assert sorted(found.values_list("name", flat=True)) == sorted(names)


def listed(principal: Principal, **members: Any) -> Filtered[Device]:
    """The first page of `device/list`."""
    params = Listing(**members)
    return page(devices.find(principal, params), devices.SORTED_BY, params)


def test_names_are_sorted_by_code_point(network: Network, alice: User) -> None:
    names = ["b", "B", "a", "_", "ä", "Z", "😀", "1"]
    Device.objects.bulk_create(
        Device(id=f"d{number}", name=name, network=network, device_type_id=1)
        for number, name in enumerate(names)
    )
    found = listed(unlimited(alice), network_id=network.id, sort_field="name")
    assert [device.name for device in found] == ["1", "B", "Z", "_", "a", "b", "ä", "😀"]


# --- Query plans ---------------------------------------------------------------------------


@pytest.fixture
def ten_thousand(alice: User, bob: User, network: Network) -> Principal:
    """10,000 devices, half of them in bob's network; the administrator."""
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
    return unlimited(alice)


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
def test_a_client_reads_no_network_but_its_own(bob: User, network: Network) -> None:
    principal = Principal(
        user_id=bob.pk,
        is_admin=False,
        permissions=CLIENT,
        networks=Limit(ids=frozenset({network.id})),
        device_types=NO_LIMIT,
    )
    for field in (None, "name", "network"):
        steps = plan(listed(principal, sort_field=field))
        assert not scans(steps), steps


# --- What a save writes ---------------------------------------------------------------------


def test_a_save_names_indexed_columns_only_if_they_change(bob: User, network: Network) -> None:
    def save(**changes: DeviceBody) -> list[str]:
        by_bob = [
            DeviceSave(principal=unlimited(bob), device_id=id_, device=device)
            for id_, device in changes.items()
        ]
        with CaptureQueriesContext(connection) as asked:
            assert devices.save_many(by_bob) == [None] * len(by_bob)
        return [text for text in texts(asked) if "DO UPDATE" in text.upper()]

    lit, dark = msgspec.Raw(b'{"lit":true}'), msgspec.Raw(b'{"lit":false}')
    save(a=DeviceBody(name="A", data=lit), b=DeviceBody(name="B", data=lit))
    (replaced,) = save(a=DeviceBody(name="A", data=dark, is_blocked=True))
    assert '"name" = EXCLUDED."name"' not in replaced
    assert '"data" = EXCLUDED."data"' in replaced
    save(a=DeviceBody(name="A", data=lit), b=DeviceBody(name="C", data=dark))
    stored = Device.objects.filter(id__in="ab").order_by("id")
    assert list(stored.values_list("name", "data", "is_blocked")) == [
        ("A", '{"lit":true}', True),
        ("C", '{"lit":false}', False),
    ]


# --- Rivals --------------------------------------------------------------------------------


def at_once(count: int, function: Callable[[int], object]) -> list[object]:
    """Call a function from many threads at the same moment, as processes would."""
    barrier = Barrier(count)

    def call(number: int) -> object:
        try:
            barrier.wait(10)
            return function(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(call, range(count)))


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_first_saves_of_one_id_in_several_processes(bob: User) -> None:
    def save(number: int) -> list[Refused | None]:
        saves = [
            DeviceSave(
                principal=unlimited(bob), device_id=f"d{n}", device=DeviceBody(name=f"by {number}")
            )
            for n in range(10)
        ]
        return devices.save_many(saves)

    assert at_once(5, save) == [[None] * 10] * 5
    assert Device.objects.filter(name__startswith="by ").count() == 10
