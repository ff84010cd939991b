"""manage.py savedevice."""

import json

import pytest
from django.core.management import CommandError

from devices.models import Device, DeviceType, Network, User
from tests.commands import run
from tests.factories import DEVICE_MEMBERS

pytestmark = pytest.mark.django_db


def test_the_first_thing_to_try_works_on_a_fresh_database() -> None:
    run("createadmin")
    printed = run("savedevice", "my-first-device", "--name", "My first device")
    assert json.loads(printed) == {
        "id": "my-first-device",
        "name": "My first device",
        "data": None,
        "networkId": 1,
        "deviceTypeId": 1,
        "isBlocked": False,
    }
    assert Device.objects.get(id="my-first-device").name == "My first device"


def test_every_member_can_be_given(alice: User, network: Network, device_type: DeviceType) -> None:
    arguments = ("--name", "Lamp", "--data", '{"on": 1.50}', "--blocked")
    run("savedevice", "lamp", *arguments, "--network", network.name, "--type", str(device_type.id))
    assert Device.objects.filter(id="lamp").values(*DEVICE_MEMBERS).get() == {
        "id": "lamp",
        "name": "Lamp",
        "data": '{"on": 1.50}',
        "network_id": network.id,
        "device_type_id": device_type.id,
        "is_blocked": True,
    }


def test_an_update_keeps_what_is_not_given(alice: User, device: Device) -> None:
    Device.objects.update(is_blocked=True)
    run("savedevice", "bobs-lamp")
    before, device.is_blocked = device, True
    assert Device.objects.values().get(id="bobs-lamp") == {
        column.attname: getattr(before, column.attname) for column in Device._meta.fields
    }


def test_no_blocked_unblocks(alice: User, device: Device) -> None:
    Device.objects.update(is_blocked=True)
    run("savedevice", "bobs-lamp", "--no-blocked")
    assert not Device.objects.get(id="bobs-lamp").is_blocked


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["lamp"], "name field cannot be null."),
        (
            ["lamp", "--name", ""],
            "Field cannot be empty. The length of name should not be more than 128 symbols.",
        ),
        (["la mp"], "Device Id can only contain letters, digits and dashes."),
        (["lamp", "--data", "[1]"], "'parameters' must be JSON Object!"),
        (["lamp", "--data", "nonsense"], "data: JSON is malformed: invalid character (byte 1)"),
        (["lamp", "--network", "77"], "Invalid request parameters"),
        (["lamp", "--network", "no such"], "there is no network with the name no such"),
        (["lamp", "--type", "no such"], "there is no deviceType with the name no such"),
    ],
)
def test_a_refusal_is_the_text_of_the_protocol(
    alice: User, arguments: list[str], text: str
) -> None:
    with pytest.raises(CommandError) as error:
        run("savedevice", *arguments)
    assert str(error.value) == text
    assert Device.objects.count() == 1


def test_as_a_stranger_nothing_of_bobs_is_saved(charlie: User, device: Device) -> None:
    with pytest.raises(CommandError, match="No access to device"):
        run("savedevice", "bobs-lamp", "--name", "Mine", "--as", "charlie")
    assert Device.objects.get(id="bobs-lamp").name == "Lamp"


def test_as_bob_a_new_device_is_in_his_network(bob: User, network: Network) -> None:
    run("savedevice", "lamp", "--name", "Lamp", "--as", "bob")
    assert Device.objects.get(id="lamp").network == network


def test_without_an_administrator_it_says_how_to_make_one() -> None:
    with pytest.raises(CommandError, match=r"see manage\.py createadmin"):
        run("savedevice", "lamp", "--name", "Lamp")


def test_as_someone_who_is_locked_out(bob: User) -> None:
    User.objects.update(status=User.Status.LOCKED_OUT)
    with pytest.raises(CommandError, match="no active user with the login bob"):
        run("savedevice", "lamp", "--name", "Lamp", "--as", "bob")
