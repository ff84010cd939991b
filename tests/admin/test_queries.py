"""A page makes as many queries for 30 rows as for 3."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from devices.models import Device, DeviceType, Network, User


def make_devices(count: int) -> None:
    for number in range(count):
        network = Network.objects.create(name=f"N{count}-{number}")
        device_type = DeviceType.objects.create(name=f"T{count}-{number}")
        Device.objects.create(
            id=f"d-{count}-{number}", name="D", network=network, device_type=device_type
        )


def make_users(count: int) -> None:
    for number in range(count):
        user = User.objects.create(login=f"user-{count}-{number}")
        user.networks.add(Network.objects.create(name=f"of {user}"))


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    ("url", "make"),
    [
        (reverse("admin:devices_device_changelist"), make_devices),
        (reverse("admin:devices_network_changelist"), make_devices),
        (reverse("admin:devices_devicetype_changelist"), make_devices),
        (reverse("admin:devices_user_changelist"), make_users),
        (reverse("admin:devices_user_changelist") + "?networks__id__exact=1", make_users),
        (reverse("admin:index"), make_devices),
        (reverse("admin:devices_network_delete", args=[1]), make_devices),
    ],
)
def test_queries_do_not_grow_with_the_rows(
    admin: Client, url: str, make: Callable[[int], None]
) -> None:
    make(3)
    few = queries(admin, url)
    make(30)
    assert queries(admin, url) == few


def test_a_list_of_devices_does_not_load_their_data(admin: Client, device: Device) -> None:
    shown = admin.get(reverse("admin:devices_device_changelist")).context["cl"].result_list
    assert {name for each in shown for name in each.get_deferred_fields()} == {"data"}
