"""Many devices at once: what a principal can reach, and no more."""

import json
from typing import Any

import pytest

from devicehive.errors import Refused
from devices.models import Device, Notification, User
from devices.services import device_sets
from devices.services.tokens import unlimited


def saves_of(device: Device) -> list[Notification]:
    told = Notification.objects.filter(device_id=device.id, notification="$device-update")
    return list(told.order_by("id"))


def wire(device: Device, **changed: Any) -> dict[str, Any]:
    return {
        "id": device.id,
        "name": device.name,
        "data": {"on": True},
        "networkId": device.network_id,
        "deviceTypeId": device.device_type_id,
        "isBlocked": False,
        **changed,
    }


def test_bob_blocks_the_devices_of_his_networks(bob: User, device: Device) -> None:
    assert device_sets.set_blocked(unlimited(bob), Device.objects.all(), True) == 1
    assert list(Device.objects.filter(is_blocked=True)) == [device]


def test_charlie_reaches_none(charlie: User, device: Device) -> None:
    assert device_sets.set_blocked(unlimited(charlie), Device.objects.all(), True) == 0
    assert device_sets.delete(unlimited(charlie), Device.objects.all()) == 0


def test_bob_may_not_move_a_device_out_of_his_networks(bob: User, device: Device) -> None:
    with pytest.raises(Refused, match="No access to network!"):
        device_sets.move(unlimited(bob), Device.objects.all(), 1)


def test_what_is_there_already_is_not_moved(alice: User, device: Device) -> None:
    assert device_sets.move(unlimited(alice), Device.objects.all(), 1) == 1
    assert device_sets.move(unlimited(alice), Device.objects.all(), 1) == 0


def test_each_change_is_a_save_that_is_told(alice: User, device: Device) -> None:
    device_sets.set_blocked(unlimited(alice), Device.objects.filter(id=device.id), True)
    device_sets.move(unlimited(alice), Device.objects.filter(id=device.id), 1)
    assert [json.loads(each.parameters or "") for each in saves_of(device)] == [
        wire(device, isBlocked=True),
        wire(device, isBlocked=True, networkId=1),
    ]


def test_what_changes_nothing_is_not_told(alice: User, device: Device) -> None:
    device_sets.set_blocked(unlimited(alice), Device.objects.all(), False)
    device_sets.move(unlimited(alice), Device.objects.all(), device.network_id)
    assert not saves_of(device)
