"""Forms of devices save as `device/save` does: same rules, same texts."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from devices.models import Device, DeviceType, Network
from tests.admin.browsing import errors, form_of, submit
from tests.conftest import Connection

ADD = reverse("admin:devices_device_add")
LIST = reverse("admin:devices_device_changelist")
EXACT = '{"b": 123456789012345678901234567890, "a":1.10,"c":[1E40, {}, []], "s":"é\\u00e9 {,:\\""}'


def change(device: Device) -> str:
    return reverse("admin:devices_device_change", args=[device.pk])


def test_adds_a_device(admin: Client, network: Network, device_type: DeviceType) -> None:
    submit(
        admin, ADD, id="lamp-1", name=" Lamp", network=network.pk, device_type=device_type.pk,
        is_blocked="on", data='{"n": 1.0}',
    )  # fmt: skip
    device = Device.objects.get(id="lamp-1")
    assert (device.name, device.data, device.is_blocked) == (" Lamp", '{"n":1.0}', True)
    assert (device.network, device.device_type) == (network, device_type)


@pytest.mark.parametrize(
    ("edited", "error"),
    [
        ({"id": "a b"}, "Device Id can only contain letters, digits and dashes."),
        ({"id": " lamp-2"}, "Device Id can only contain letters, digits and dashes."),
        (
            {"id": "x" * 49},
            "Field cannot be empty. The length of guid should not be more than 48 symbols.",
        ),
        (
            {"name": ""},
            "Field cannot be empty. The length of name should not be more than 128 symbols.",
        ),
        ({"id": "bobs-lamp"}, "There is a device with this id already."),
    ],
)
def test_what_the_service_refuses_is_an_error_of_the_form(
    admin: Client, device: Device, edited: dict[str, str], error: str
) -> None:
    given: Any = {"id": "lamp-2", "name": "Lamp", "network": device.network_id,
             "device_type": device.device_type_id, **edited}  # fmt: skip
    assert errors(submit(admin, ADD, **given)) == [error]
    assert Device.objects.filter(network=device.network).count() == 1


def test_a_form_that_is_only_saved_changes_nothing(admin: Client, device: Device) -> None:
    stored = {"name": "  two\nlines ", "data": EXACT, "is_blocked": True}
    Device.objects.filter(pk=device.pk).update(**stored)
    assert submit(admin, change(device)).status_code == 302
    assert Device.objects.filter(pk=device.pk, **stored).exists()


def test_data_is_shown_indented_and_exact(admin: Client, device: Device) -> None:
    Device.objects.filter(pk=device.pk).update(data='{"big":123456789012345678901,"d":[1.10,{}]}')
    assert form_of(admin, change(device))["data"] == [
        '{\n  "big": 123456789012345678901,\n  "d": [\n    1.10,\n    {}\n  ]\n}'
    ]


def test_data_laid_out_anew_is_not_changed(admin: Client, device: Device) -> None:
    submit(admin, change(device), data='{"on":\n\ntrue}')
    device.refresh_from_db()
    assert device.data == '{"on": true}'


def test_edited_data_keeps_its_numbers(admin: Client, device: Device) -> None:
    submit(admin, change(device), data='{\n "n": 123456789012345678901.50 }')
    device.refresh_from_db()
    assert (device.name, device.data) == ("Lamp", '{"n":123456789012345678901.50}')


@pytest.mark.parametrize("empty", ["", "  ", "null"])
def test_empty_data_is_none(admin: Client, device: Device, empty: str) -> None:
    submit(admin, change(device), data=empty)
    device.refresh_from_db()
    assert device.data is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"a": 1,}', "Not valid JSON: JSON is malformed: trailing comma in object (byte 8)"),
        ("[1]", "'parameters' must be JSON Object!"),
        ('{"a":' * 101 + "1" + "}" * 101, "Malformed Json received."),
    ],
)
def test_data_that_is_no_object_is_an_error_and_shown_as_typed(
    admin: Client, device: Device, text: str, error: str
) -> None:
    answer = submit(admin, change(device), data=text)
    assert errors(answer) == [error]
    assert answer.context["adminform"].form["data"].value() == text


def test_an_edit_keeps_what_the_device_saved_since_the_page_was_opened(
    admin: Client, device: Device, as_bob: Connection
) -> None:
    opened = form_of(admin, change(device))
    as_bob.ask("device/save", deviceId=device.pk, device={"name": "Sun", "data": {"on": False}})
    submit(admin, change(device), opened, is_blocked="on")
    device.refresh_from_db()
    assert (device.name, device.data, device.is_blocked) == ("Sun", '{"on": false}', True)


def test_a_device_saved_over_a_socket_is_seen_at_once(
    admin: Client, as_bob: Connection, network: Network
) -> None:
    as_bob.ask("device/save", deviceId="lamp-1", device={"name": "Moon lamp"})
    assert "Moon lamp" in admin.get(LIST).content.decode()


def test_a_network_that_is_gone_is_an_error(admin: Client, device: Device) -> None:
    [error] = errors(submit(admin, change(device), network=0))
    assert error == "Select a valid choice. That choice is not one of the available choices."


@pytest.mark.parametrize("query", ["network__id__exact", "device_type__id__exact"])
def test_filters_by_relation(admin: Client, device: Device, query: str) -> None:
    found = admin.get(LIST, {query: getattr(device, query.removesuffix("__id__exact")).pk})
    assert list(found.context["cl"].result_list) == [device]


def test_an_emptied_filter_filters_nothing(admin: Client, device: Device) -> None:
    found = admin.get(LIST, {"network__id__exact": ""})
    assert found.context["cl"].result_count == Device.objects.count()


def test_deletes_a_device(admin: Client, device: Device) -> None:
    admin.post(reverse("admin:devices_device_delete", args=[device.pk]), {"post": "yes"})
    assert not Device.objects.filter(pk=device.pk).exists()
