"""URLs and forms made by hand never cause a 500 or a change."""

from itertools import product

import pytest
from django.test import Client
from django.urls import reverse

from devices.models import Configuration, Device, User

ODD = ["9" * 25, "1%00", "' OR 1=1", "\u0661"]
ODD_SENT = ["9" * 25, "1\0", "' OR 1=1", ""]
MODELS = ["device", "network", "devicetype", "user", "configuration", "issuedtoken"]
PAGES = ["change", "delete", "history", "token", "password"]
QUERIES = [
    "q", "o", "p", "e", "_popup", "_to_field", "id__exact", "id__in", "name", "name__regex",
    "network__id__exact", "network__name__iregex", "device_type__id__exact", "users__id__exact",
    "networks__id__exact", "user__id__exact", "is_blocked__exact", "status__exact",
    "issued_at__year", "users__password__startswith", "_changelist_filters",
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("model", MODELS)
def test_pages_and_lists_asked_for_oddly_never_fail(admin: Client, model: str, odd: str) -> None:
    pages = [f"{odd}/{page}/" for page in PAGES]
    lists = [f"?{query}={odd}" for query in QUERIES]
    statuses = {admin.get(f"/admin/devices/{model}/{each}").status_code for each in pages + lists}
    assert statuses <= {200, 302, 400, 403, 404}


@pytest.mark.parametrize("odd", ODD)
def test_forms_opened_with_values(admin: Client, device: Device, bob: User, odd: str) -> None:
    for model, field in product(
        ["device", "user"], ["network", "device_type", "networks", "device_types", "id", "role"]
    ):
        answer = admin.get(f"/admin/devices/{model}/add/?{field}={odd}")
        assert answer.status_code in (200, 404), (model, field)


@pytest.mark.parametrize("odd", ODD_SENT)
def test_forms_sent_oddly_never_fail(admin: Client, device: Device, bob: User, odd: str) -> None:
    given = {"name": "n", "network": "1", "device_type": "1"}
    sent = [
        ("device", device.pk, {**given, "network": odd}),
        ("device", device.pk, {**given, "initial-network": odd, "device_type": odd}),
        ("user", bob.pk, {"login": "bob", "role": "1", "status": "0", "networks": [odd]}),
        ("user", bob.pk, {"login": "bob", "role": odd, "status": "0", "initial-networks": [odd]}),
    ]
    for model, key, form in sent:
        answer = admin.post(reverse(f"admin:devices_{model}_change", args=[key]), form)
        assert answer.status_code in (200, 302, 400), form
    device.refresh_from_db()
    assert "\0" not in device.name


@pytest.mark.parametrize("odd", ODD_SENT)
def test_actions_on_what_no_list_has(admin: Client, device: Device, odd: str) -> None:
    before = Device.objects.count(), Configuration.objects.count()
    for model, action in product(MODELS, ["delete_selected", "block", "move", "unlock", "none"]):
        sent = {"action": action, "_selected_action": [odd], "post": "yes", "network": odd}
        answer = admin.post(reverse(f"admin:devices_{model}_changelist"), sent)
        assert answer.status_code in (200, 302, 403, 404), (model, action)
    assert (Device.objects.count(), Configuration.objects.count()) == before
