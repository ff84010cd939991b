"""Networks, beyond what one frame can show: many of them, and deletions during saves."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refused
from devices.handlers.groups import Listing
from devices.handlers.paging import page
from devices.models import Device, DeviceType, Network, User
from devices.schemas.device import DeviceBody
from devices.services import devices, networks, user_access
from devices.services.device_save import DeviceSave
from devices.services.groups import SORTED_BY
from devices.services.standing import unlimited
from tests.factories import make_user
from tests.meanwhile import Meanwhile, seen_by_all_threads

# --- Ten thousand --------------------------------------------------------------------------


@pytest.fixture
def ten_thousand(alice: User, bob: User) -> None:
    """10,000 networks, every tenth of them bob's."""
    Network.objects.bulk_create(Network(name=f"site-{number:05}") for number in range(10_000))
    bob.networks.set(Network.objects.filter(name__endswith="5"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def plan(rows: QuerySet[Network]) -> list[str]:
    """How the database finds a page."""
    return rows.explain().splitlines()


def assert_by_index(steps: list[str]) -> None:
    # "SCAN devices_network" alone is SQLite's for "in the order of ids until the page is full".
    assert not any("Seq Scan" in step for step in steps), steps
    scans = [step for step in steps if "SCAN" in step and "INDEX" not in step]
    assert not scans or not any("TEMP B-TREE" in step for step in steps), steps


def listed(principal: Principal, **members: Any) -> QuerySet[Network]:
    """The first page of `network/list`."""
    params = Listing(**members)
    return page(networks.find(principal, params), SORTED_BY, params)


LISTS: list[dict[str, Any]] = [
    {},
    {"name": "site-00777"},
    {"name_pattern": "site-0001%"},
    {"name_pattern": "site-0001%", "sort_field": "name", "sort_order": "desc"},
    {"sort_field": "name"},
    {"sort_field": "name", "sort_order": "desc"},
    {"sort_field": "id", "sort_order": "desc"},
]


@pytest.mark.usefixtures("ten_thousand")
def test_lists_are_read_by_an_index(alice: User, bob: User) -> None:
    for members in LISTS:
        assert_by_index(plan(listed(unlimited(alice), **members)))
        assert_by_index(plan(listed(unlimited(bob), **members)))


@pytest.mark.usefixtures("ten_thousand")
def test_a_page_in_the_order_of_names_needs_no_sorting(alice: User) -> None:
    steps = plan(listed(unlimited(alice), sort_field="name"))
    assert not any("Sort" in step or "TEMP B-TREE" in step for step in steps), steps


# --- Deletion ------------------------------------------------------------------------------


def test_a_refusal_names_a_thousand_devices_and_no_more(network: Network) -> None:
    Device.objects.bulk_create(
        Device(id=f"d{number:04}", name="d", network=network, device_type_id=1)
        for number in range(1_001)
    )
    with pytest.raises(Refused, match=r"network: d0000, .*, d0999, \.\.\.\. Please"):
        networks.delete(network.id)


def test_force_loads_no_device(network: Network, device: Device) -> None:
    with CaptureQueriesContext(connection) as queries:
        networks.delete(network.id, force=True)
    on_devices = [each["sql"] for each in queries if 'FROM "devices_device"' in each["sql"]]
    assert [sql.split()[0] for sql in on_devices] == ["DELETE"]


def test_several_are_deleted_with_their_devices(network: Network, device: Device) -> None:
    networks.delete_with_devices(Network.objects.filter(id__in=[1, network.id]))
    assert not Network.objects.exists()
    assert not Device.objects.exists()


# --- Deletion and saves at the same time ---------------------------------------------------


@pytest.fixture
def home(db: None) -> Network:
    """A network with a lamp."""
    network = Network.objects.create(name="Home")
    lamps = DeviceType.objects.create(name="Lamps")
    Device.objects.create(id="lamp", name="Lamp", network=network, device_type=lamps)
    return network


@pytest.fixture
def admin(db: None) -> Principal:
    return unlimited(make_user("admin", role=User.Role.ADMIN))


def save(principal: Principal, device_id: str, network: Network) -> DeviceSave:
    body = DeviceBody(name="Renamed", network_id=network.id)
    return DeviceSave(principal=principal, device_id=device_id, device=body)


@seen_by_all_threads
def test_a_device_saved_just_before_keeps_the_network(home: Network, admin: Principal) -> None:
    home.devices.all().delete()
    with transaction.atomic():
        devices.save(save(admin, "new", home))
        deletion = Meanwhile(lambda: networks.delete(home.id))
    with pytest.raises(Refused, match="within this network: new"):
        deletion.result.result()
    assert Device.objects.get(id="new").network == home


@seen_by_all_threads
def test_a_device_saved_just_before_goes_with_force(home: Network, admin: Principal) -> None:
    # A batch that holds the lamp and then adds a device: a lock on the network would dead-lock.
    with transaction.atomic():
        devices.save(save(admin, "lamp", home))
        deletion = Meanwhile(lambda: networks.delete(home.id, force=True))
        devices.save(save(admin, "new", home))
    deletion.result.result()
    assert not Network.objects.filter(id=home.id).exists()
    assert not Device.objects.filter(id__in=["lamp", "new"]).exists()


@seen_by_all_threads
def test_a_device_saved_meanwhile_is_refused(home: Network, admin: Principal) -> None:
    with transaction.atomic():
        networks.delete(home.id, force=True)
        saving = Meanwhile(lambda: devices.save(save(admin, "new", home)))
    with pytest.raises(Refused, match="Invalid request parameters"):
        saving.result.result()
    assert not Device.objects.filter(id="new").exists()


@seen_by_all_threads
def test_a_user_assigned_meanwhile_is_refused(home: Network) -> None:
    user = make_user("dave")
    with transaction.atomic():
        networks.delete(home.id, force=True)
        assignment = Meanwhile(lambda: user_access.assign_network(user.pk, home.id))
    with pytest.raises(Refused, match="not found"):
        assignment.result.result()


@seen_by_all_threads
def test_of_two_with_one_name_one_is_refused(home: Network) -> None:
    with transaction.atomic():
        networks.insert(name="Barn")
        second = Meanwhile(lambda: networks.insert(name="Barn"))
    with pytest.raises(Refused, match="Network with such name already exists"):
        second.result.result()
