"""Block, unblock, move and delete the selected devices, or all that a search finds."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from devices.models import Device, Network
from tests.admin.browsing import Answer, form_of

LIST = reverse("admin:devices_device_changelist")


def act(client: Client, action: str, *ticked: Device, **more: Any) -> Answer:
    chosen = {"action": action, "_selected_action": [device.pk for device in ticked]}
    return client.post(LIST, {**chosen, **more}, follow=True)


def message(response: Answer) -> str:
    [only] = response.context["messages"]
    return str(only)


@pytest.mark.parametrize(("action", "blocked"), [("block", True), ("unblock", False)])
def test_selected_devices_are_blocked_and_unblocked(
    settings: Any, admin: Client, device: Device, action: str, blocked: bool
) -> None:
    settings.ENFORCE_BLOCKED = True
    Device.objects.filter(pk=device.pk).update(is_blocked=not blocked)
    assert message(act(admin, action, device)) == f"{action.capitalize()}ed 1 device."
    device.refresh_from_db()
    assert device.is_blocked is blocked


@pytest.mark.parametrize(("action", "done"), [("block", "blocked"), ("unblock", "not blocked")])
def test_a_mark_that_is_not_enforced_is_told_as_such(
    admin: Client, device: Device, action: str, done: str
) -> None:
    Device.objects.filter(pk=device.pk).update(is_blocked=action == "unblock")
    assert message(act(admin, action, device)) == (
        f"Marked 1 device as {done}. "
        "Stored and shown, and keeps nobody from anything (ENFORCE_BLOCKED is off)."
    )


@pytest.mark.parametrize("enforced", [True, False])
def test_the_form_says_what_the_mark_does(
    settings: Any, admin: Client, device: Device, enforced: bool
) -> None:
    settings.ENFORCE_BLOCKED = enforced
    page = admin.get(reverse("admin:devices_device_change", args=[device.pk])).content.decode()
    assert ("keeps nobody from anything" in page) != enforced
    assert ("Only administrators can save or delete it" in page) == enforced


def test_a_move_asks_where_and_keeps_what_is_selected(admin: Client, device: Device) -> None:
    asked = act(admin, "move", device)
    assert asked.context["count"] == 1
    assert f'name="_selected_action" value="{device.pk}"' in asked.content.decode()


def test_selected_devices_are_moved(admin: Client, device: Device) -> None:
    moved = act(admin, "move", device, post="yes", network=1)
    assert message(moved) == "Moved 1 device to Sample Network."
    device.refresh_from_db()
    assert device.network_id == 1


def test_move_without_a_network_asks_again(admin: Client, device: Device) -> None:
    asked = act(admin, "move", device, post="yes", network="")
    assert asked.context["form"].errors == {"network": ["This field is required."]}


def test_everything_found_can_be_chosen(admin: Client, device: Device, network: Network) -> None:
    Device.objects.bulk_create(
        Device(id=f"d-{number}", name="D", network=network, device_type_id=1)
        for number in range(1_200)
    )
    found = f"{LIST}?network__id__exact={network.pk}"
    chosen = {"_selected_action": [device.pk], "select_across": "1", "post": "yes"}
    admin.post(found, {**chosen, "action": "block"})
    assert Device.objects.filter(network=network, is_blocked=True).count() == 1_201
    admin.post(found, {**chosen, "action": "delete_selected"})
    assert not Device.objects.filter(network=network).exists()


def test_deletion_of_many_names_few(admin: Client, device: Device, network: Network) -> None:
    Device.objects.bulk_create(
        Device(id=f"d-{number:02}", name="D", network=network, device_type_id=1)
        for number in range(30)
    )
    asked = act(admin, "delete_selected", device, select_across="1")
    total = Device.objects.count()
    assert dict(asked.context["model_count"]) == {"devices": total}
    assert asked.context["deletable_objects"][0][-1] == f"and {total - 20} more"
    assert asked.content.decode().count('name="_selected_action"') == 1


def test_deletion_of_as_many_as_are_named_leaves_out_none(admin: Client, network: Network) -> None:
    made = Device.objects.bulk_create(
        Device(id=f"d-{number:02}", name="D", network=network, device_type_id=1)
        for number in range(20)
    )
    asked = act(admin, "delete_selected", *made)
    assert asked.context["deletable_objects"][0] == [f"Device: {each}" for each in made]


def test_the_filter_offers_a_search_instead_of_a_list(admin: Client, network: Network) -> None:
    assert "network__id__exact" in form_of(admin, f"{LIST}?network__id__exact={network.pk}")
