"""Networks and device types in the admin."""

import pytest
from django.test import Client
from django.urls import reverse

from devices.models import Device, Network, User
from tests.admin.browsing import errors, submit

ADD = reverse("admin:devices_network_add")
LIST = reverse("admin:devices_network_changelist")


def test_adds_a_network(admin: Client) -> None:
    submit(admin, ADD, name="Attic ", description="")
    assert Network.objects.get(name="Attic ").description is None


def test_a_name_that_is_taken_is_an_error(admin: Client, network: Network) -> None:
    assert errors(submit(admin, ADD, name="bob's network")) == [
        "Network cannot be created. Network with such name already exists"
    ]


def test_changes_what_was_edited_only(admin: Client, network: Network) -> None:
    Network.objects.filter(pk=network.pk).update(name=" two\nlines ")
    submit(admin, reverse("admin:devices_network_change", args=[network.pk]), description="Cellar")
    network.refresh_from_db()
    assert (network.name, network.description) == (" two\nlines ", "Cellar")


@pytest.mark.parametrize("model", ["network", "devicetype"])
def test_lists_count_devices_and_users(
    admin: Client, bob: User, device: Device, model: str
) -> None:
    bob.device_types.add(device.device_type)
    shown = admin.get(reverse(f"admin:devices_{model}_changelist"))
    group = device.network if model == "network" else device.device_type
    counted = {each.pk: each for each in shown.context["cl"].result_list}[group.pk]
    assert (counted.device_count, counted.user_count) == (1, 1)


def test_a_deletion_says_what_goes_with_it(
    admin: Client, bob: User, device: Device, network: Network
) -> None:
    url = reverse("admin:devices_network_delete", args=[network.pk])
    assert dict(admin.get(url).context["model_count"]) == {
        "networks": 1, "devices": 1, "user-network relationships": 1,
    }  # fmt: skip
    admin.post(url, {"post": "yes"})
    assert not Device.objects.filter(pk=device.pk).exists()
