"""device/list (protocol, 5.4.2, 7.3 and 7.4)."""

from typing import Any

import pytest

from devices.models import Device, Network, User
from tests.conftest import Connection, connected, refused, success

INVALID = refused("device/list", 400, "Invalid request parameters")


@pytest.fixture
def devices(network: Network) -> list[Device]:
    """Three in bob's network and one in another."""
    kitchen = Network.objects.create(name="kitchen")
    rows = [("c", "Lamp", network), ("a", "lamp", network), ("b", "Sun", network)]
    return Device.objects.bulk_create(
        Device(id=id_, name=name, network=where, device_type_id=1)
        for id_, name, where in [*rows, ("d", "Oven", kitchen)]
    )


def listed(connection: Connection, **members: object) -> list[str]:
    """The ids that a listing answers, in order."""
    answer = connection.ask("device/list", **members)
    assert answer == success("device/list", devices=answer.get("devices"))
    return [device["id"] for device in answer["devices"]]


def test_devices_are_whole(as_bob: Connection, device: Device) -> None:
    assert as_bob.ask("device/list") == success(
        "device/list",
        devices=[
            {
                "id": "bobs-lamp",
                "name": "Lamp",
                "data": {"on": True},
                "networkId": device.network_id,
                "deviceTypeId": device.device_type_id,
                "isBlocked": False,
            }
        ],
    )


def test_everyone_lists_what_they_see(
    devices: list[Device], as_alice: Connection, as_bob: Connection, as_charlie: Connection
) -> None:
    assert listed(as_alice) == ["a", "b", "c", "d", "e50d6085-2aba-48e9-b1c3-73c673e414be"]
    assert listed(as_bob) == ["a", "b", "c"]
    assert listed(as_charlie) == []


def test_charlie_may_not(devices: list[Device], charlie: User) -> None:
    everything = connected(charlie, n=("*",), dt=("*",))
    assert listed(everything) == []
    assert listed(everything, name="Lamp") == []
    assert listed(everything, networkId=devices[0].network_id) == []


def test_anonymous_may_not(anonymous: Connection) -> None:
    assert anonymous.ask("device/list") == refused("device/list", 401, "Unauthorized")


def test_the_permission_is_needed(bob: User) -> None:
    assert connected(bob, a=(6,)).ask("device/list") == refused(
        "device/list", 403, "Access is denied"
    )


@pytest.mark.parametrize("n", [None, ()])
def test_a_token_without_networks_lists_nothing(
    devices: list[Device], alice: User, bob: User, n: tuple[str, ...] | None
) -> None:
    assert listed(connected(bob, n=n)) == []
    assert listed(connected(alice, n=n)) == []


@pytest.mark.parametrize("dt", [None, ()])
def test_a_token_without_types_lists_nothing(
    devices: list[Device], bob: User, dt: tuple[str, ...] | None
) -> None:
    bob.all_device_types_available = False
    bob.save()
    assert listed(connected(bob, dt=dt)) == []


def test_a_limited_token_limits_an_administrator(devices: list[Device], alice: User) -> None:
    limited = connected(alice, n=(str(devices[0].network_id),))
    assert listed(limited) == ["a", "b", "c"]
    assert listed(limited, networkId=1) == []


def test_a_token_limits_types(devices: list[Device], bob: User) -> None:
    bob.all_device_types_available = False
    bob.save()
    bob.device_types.set([1, 2])
    Device.objects.filter(id="b").update(device_type=2)
    assert listed(connected(bob, dt=("2",))) == ["b"]


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["a", "b", "c"]),
    ({"name": None, "namePattern": None, "networkId": None, "networkName": None}, ["a", "b", "c"]),
    ({"name": "Lamp"}, ["c"]),
    ({"name": "La%"}, []),
    ({"name": ""}, []),
    ({"namePattern": "%amp"}, ["a", "c"]),
    ({"namePattern": "La%"}, ["c"]),
    ({"namePattern": "S_n"}, ["b"]),
    ({"namePattern": "amp"}, []),
    ({"namePattern": ""}, []),
    ({"name": "Lamp", "namePattern": "S%"}, []),
    ({"networkName": "bob's network"}, ["a", "b", "c"]),
    ({"networkName": "Bob's network"}, []),
    ({"networkName": "kitchen"}, []),
    ({"networkId": 999_999}, []),
    ({"networkId": -1}, []),
    ({"networkName": "bob's network", "name": "Sun"}, ["b"]),
    ({"deviceTypeId": 7, "id": "a", "deviceIds": ["a"], "principal": 1}, ["a", "b", "c"]),
]
"""What device/count counts as well."""


@pytest.mark.parametrize(("members", "ids"), FILTERS)
def test_the_devices_that_match_are_shown(
    devices: list[Device], as_bob: Connection, members: dict[str, Any], ids: list[str]
) -> None:
    assert listed(as_bob, **members) == ids


def test_a_network_by_its_id(devices: list[Device], as_bob: Connection) -> None:
    mine, foreign = devices[0].network_id, devices[3].network_id
    assert listed(as_bob, networkId=mine) == ["a", "b", "c"]
    assert listed(as_bob, networkId=str(mine)) == ["a", "b", "c"]
    assert listed(as_bob, networkId=foreign) == []


@pytest.mark.parametrize(
    ("members", "ids"),
    [
        ({"sortField": "name"}, ["c", "b", "a"]),
        ({"sortField": "NAME", "sortOrder": "asc"}, ["c", "b", "a"]),
        ({"sortField": "name", "sortOrder": "DESC"}, ["a", "b", "c"]),
        ({"sortField": "network", "sortOrder": "desc"}, ["c", "b", "a"]),
        ({"sortField": "Network"}, ["a", "b", "c"]),
        ({"sortOrder": "desc"}, ["a", "b", "c"]),
        ({"sortField": None, "sortOrder": None}, ["a", "b", "c"]),
    ],
)
def test_devices_are_sorted(
    devices: list[Device], as_bob: Connection, members: dict[str, Any], ids: list[str]
) -> None:
    assert listed(as_bob, **members) == ids


def test_devices_are_sorted_by_the_name_of_their_network(
    devices: list[Device], as_alice: Connection
) -> None:
    sample = "e50d6085-2aba-48e9-b1c3-73c673e414be"
    assert listed(as_alice, sortField="network") == [sample, "a", "b", "c", "d"]
    assert listed(as_alice, sortField="network", sortOrder="DESC") == ["d", "c", "b", "a", sample]


@pytest.mark.parametrize("field", ["status", "Status", "id", "", "data", "networkId", "-name"])
def test_what_cannot_be_sorted_by(as_bob: Connection, as_charlie: Connection, field: str) -> None:
    assert as_bob.ask("device/list", sortField=field) == INVALID
    assert as_charlie.ask("device/list", sortField=field) == INVALID
    assert as_bob.ask("device/list", sortField=field, sortOrder="up") == INVALID


@pytest.mark.parametrize("order", ["up", "", "ascending", "100%s"])
def test_what_is_no_order(as_bob: Connection, order: str) -> None:
    assert as_bob.ask("device/list", sortField="name", sortOrder=order) == refused(
        "device/list", 400, f"Unparseable sort order : {order}"
    )


@pytest.mark.parametrize(
    ("members", "ids"),
    [
        ({"take": 2}, ["a", "b"]),
        ({"take": "2"}, ["a", "b"]),
        ({"skip": 1}, ["b", "c"]),
        ({"take": 1, "skip": 1}, ["b"]),
        ({"take": 0}, []),
        ({"skip": 3}, []),
        ({"take": None, "skip": None}, ["a", "b", "c"]),
        ({"take": 2**31 - 1, "skip": 2**31 - 1}, []),
        ({"take": 10_000}, ["a", "b", "c"]),
        ({"sortField": "name", "sortOrder": "desc", "skip": 2, "take": 5}, ["c"]),
    ],
)
def test_a_page_of_devices_is_shown(
    devices: list[Device], as_bob: Connection, members: dict[str, Any], ids: list[str]
) -> None:
    assert listed(as_bob, **members) == ids


def test_without_take_there_are_twenty(as_bob: Connection, network: Network) -> None:
    Device.objects.bulk_create(
        Device(id=f"{number:02}", name="x", network=network, device_type_id=1)
        for number in range(25)
    )
    assert listed(as_bob) == [f"{number:02}" for number in range(20)]
    assert listed(as_bob, skip=20) == ["20", "21", "22", "23", "24"]


@pytest.mark.parametrize("members", [{"take": -1}, {"skip": -1}, {"take": -1, "skip": 5}])
def test_negative_pages_are_refused(
    as_bob: Connection, as_charlie: Connection, members: dict[str, Any]
) -> None:
    assert as_bob.ask("device/list", **members) == INVALID
    assert as_charlie.ask("device/list", **members) == INVALID


@pytest.mark.parametrize(
    "members", [{"take": "x"}, {"take": 2**31}, {"skip": True}, {"name": []}, {"namePattern": {}}]
)
def test_members_have_types(as_bob: Connection, members: dict[str, Any]) -> None:
    assert as_bob.ask("device/list", **members) == refused(
        "device/list", 400, "Malformed Json received."
    )
