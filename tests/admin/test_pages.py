"""Every page of the admin opens for alice, and for nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from devices.models import Configuration, Device, DeviceType, Network, User
from tests.admin.conftest import browser

LISTS = ["device", "network", "devicetype", "user", "configuration"]


def url(model: str, page: str, *args: object) -> str:
    return reverse(f"admin:devices_{model}_{page}", args=args)


@pytest.mark.parametrize("model", LISTS)
def test_lists_open(admin: Client, device: Device, bob: User, model: str) -> None:
    assert admin.get(url(model, "changelist")).status_code == 200


@pytest.mark.parametrize("model", LISTS)
def test_searches_answer(admin: Client, device: Device, model: str) -> None:
    assert admin.get(url(model, "changelist"), {"q": "a"}).status_code == 200


@pytest.mark.parametrize("model", LISTS)
def test_forms_for_a_new_record_open(admin: Client, model: str) -> None:
    assert admin.get(url(model, "add")).status_code == 200


@pytest.mark.parametrize("page", ["change", "history", "delete"])
@pytest.mark.parametrize("model", LISTS)
def test_pages_of_a_record_open(
    admin: Client,
    device: Device,
    network: Network,
    device_type: DeviceType,
    bob: User,
    model: str,
    page: str,
) -> None:
    records = {
        "device": device,
        "network": network,
        "devicetype": device_type,
        "user": bob,
        "configuration": Configuration.objects.get(),
    }
    assert admin.get(url(model, page, records[model].pk)).status_code == 200


def test_the_index_opens(admin: Client, device: Device) -> None:
    assert admin.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("model", LISTS)
def test_bob_may_not_enter(bob: User, model: str) -> None:
    assert browser(bob).get(url(model, "changelist")).status_code == 302
