"""Presence in the list of devices and on their pages (ADR 30)."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from devices.models import Attachment, Device, DeviceType, ServerProcess, SilenceLimit, User
from tests.admin.browsing import submit
from tests.handlers.test_presence import fleet, put

__all__ = ["fleet"]

LIST = reverse("admin:devices_device_changelist")


def listed(client: Client, **query: Any) -> list[str]:
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return [device.pk for device in answer.context["cl"].result_list]


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("connected", ["away", "now"]),
        ("disconnected", ["hour", "never", "new", "two-hours"]),
        ("silent-10-min", ["hour", "two-hours"]),
        ("silent-1-h", ["hour", "two-hours"]),
        ("silent-1-day", []),
        ("never", ["never", "new"]),
    ],
)
def test_the_list_is_filtered(admin: Client, fleet: list[str], value: str, ids: list[str]) -> None:
    Device.objects.exclude(pk__in=[*fleet, "away"]).delete()
    assert sorted(listed(admin, there__exact=value)) == ids


def test_the_list_is_ordered_by_when_they_were_heard_of(admin: Client, fleet: list[str]) -> None:
    # By the number of the column, as Django's links have it: the box to tick is the first.
    ordered = [id_ for id_ in listed(admin, o="-4") if id_ in ("now", "hour", "two-hours", "never")]
    assert ordered == ["now", "hour", "two-hours", "never"]
    ordered = [id_ for id_ in listed(admin, o="4") if id_ in ("now", "hour", "two-hours", "never")]
    assert ordered == ["never", "two-hours", "hour", "now"]


def test_the_list_shows_it(admin: Client, fleet: list[str]) -> None:
    text = admin.get(LIST).content.decode()
    row = next(each for each in text.split("<tr>") if ">two-hours<" in each)
    assert '<span class="presence disconnected">silent</span>' in row
    assert ">2\xa0hours ago</span>" in row
    row = next(each for each in text.split("<tr>") if ">new<" in each)
    assert '<span class="presence never">never heard of</span>' in row


def test_an_action_on_those_that_are_filtered(admin: Client, fleet: list[str]) -> None:
    chosen = {"action": "block", "_selected_action": ["hour"], "select_across": "1"}
    assert admin.post(f"{LIST}?there__exact=silent-1-h", chosen).status_code == 302
    blocked = Device.objects.filter(is_blocked=True).values_list("pk", flat=True)
    assert sorted(blocked) == ["hour", "two-hours"]


def test_the_page_of_a_device_shows_it(admin: Client, device: Device, bob: User) -> None:
    page = reverse("admin:devices_device_change", args=[device.pk])
    assert '<span class="presence never">never heard of</span>' in admin.get(page).content.decode()
    put(device, ago=180, is_connected=True, address="192.0.2.7", user_id=bob.pk)
    for process, beat_at in ((1, Now()), (2, Now() - timedelta(minutes=1)), (3, Now())):
        ServerProcess.objects.create(pk=process, name=f"host:{process}", beat_at=beat_at)
    for process in (1, 2):
        Attachment.objects.create(device_id=device.pk, process=process)
    text = re.sub(r"<[^>]*>|\s+", " ", admin.get(page).content.decode())
    assert "connected" in text
    assert "last heard of 3 minutes ago from 192.0.2.7 as bob at host:1 " in re.sub(
        r"[\s\xa0]+", " ", text
    )


def test_a_type_says_how_long_its_devices_may_be_silent(
    admin: Client, device_type: DeviceType
) -> None:
    page = reverse("admin:devices_devicetype_change", args=[device_type.pk])

    def edit(**fields: Any) -> int:
        named = {f"silence-0-{name}": value for name, value in fields.items()}
        answer: int = submit(admin, page, **named).status_code
        return answer

    assert edit(seconds=7_200) == 302
    assert SilenceLimit.objects.get().seconds == 7_200
    assert edit(seconds=0) == 302
    assert SilenceLimit.objects.get().seconds == 0
    assert edit(DELETE="on") == 302
    assert not SilenceLimit.objects.exists()
