"""Devices, beyond what one frame can show: patterns, rivals in other processes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import msgspec
import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from devicehive.orm.filtered import Filtered
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refused
from devices.handlers.device import Listing
from devices.handlers.paging import page
from devices.models import Device, Network, Notification, User
from devices.schemas.device import DeviceBody
from devices.services import devices
from devices.services.device_save import DeviceSave
from devices.services.standing import unlimited
from tests.plans import texts

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


# --- Long devices (R-47) ---------------------------------------------------------------------


def long_saves(bob: User, names: str) -> list[DeviceSave]:
    """Of seventeen devices of a million characters each, of which sixteen are read at once, and of
    a short one in between."""
    data = msgspec.Raw(b'{"noise":"%s"}' % (b"x" * 1_000_000))
    saves = [
        DeviceSave(
            principal=unlimited(bob),
            device_id=f"d-{n:02}",
            device=DeviceBody(name=names, data=data),
        )
        for n in range(17)
    ]
    short = DeviceBody(name=names)
    return [
        *saves[:3],
        DeviceSave(principal=unlimited(bob), device_id="short", device=short),
        *saves[3:],
    ]


def test_of_long_devices_no_more_are_saved_at_once_than_fit_into_memory(
    bob: User, network: Network
) -> None:
    assert devices.save_many(long_saves(bob, "first")) == [None] * 18
    assert devices.save_many(long_saves(bob, "second")) == [None] * 17
    assert Device.objects.filter(name="second").count() == 17
    assert devices.save_all(long_saves(bob, "third")) == [None] * 18
    assert Device.objects.filter(name="third", data__endswith="}").count() == 17


def test_a_long_device_that_stays_as_it_is_is_not_told(bob: User, network: Network) -> None:
    devices.save_all(long_saves(bob, "same"))
    devices.save_all(long_saves(bob, "same"))
    assert Notification.objects.filter(notification="$device-update").count() == 0


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
