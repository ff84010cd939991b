"""Many devices at once: what a principal can reach, and no more."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import TestCase

from devicehive.protocol.refusals import Refused
from devices.files.json_rows import read_json
from devices.models import Device, Notification, User
from devices.services import bulk, transfer
from devices.services.standing import unlimited
from tests.conftest import Connection


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
    assert bulk.set_blocked(unlimited(bob), Device.objects.all(), True) == 1
    assert list(Device.objects.filter(is_blocked=True)) == [device]


def test_charlie_reaches_none(charlie: User, device: Device) -> None:
    assert bulk.set_blocked(unlimited(charlie), Device.objects.all(), True) == 0
    assert bulk.delete(unlimited(charlie), Device.objects.all()) == 0


def test_bob_may_not_move_a_device_out_of_his_networks(bob: User, device: Device) -> None:
    with pytest.raises(Refused, match="No access to network!"):
        bulk.move(unlimited(bob), Device.objects.all(), 1)


def test_what_is_there_already_is_not_moved(alice: User, device: Device) -> None:
    assert bulk.move(unlimited(alice), Device.objects.all(), 1) == 1
    assert bulk.move(unlimited(alice), Device.objects.all(), 1) == 0


def test_each_change_is_a_save_that_is_told(alice: User, device: Device) -> None:
    bulk.set_blocked(unlimited(alice), Device.objects.filter(id=device.id), True)
    bulk.move(unlimited(alice), Device.objects.filter(id=device.id), 1)
    assert [json.loads(each.parameters or "") for each in saves_of(device)] == [
        wire(device, isBlocked=True),
        wire(device, isBlocked=True, networkId=1),
    ]


def test_what_changes_nothing_is_not_told(alice: User, device: Device) -> None:
    bulk.set_blocked(unlimited(alice), Device.objects.all(), False)
    bulk.move(unlimited(alice), Device.objects.all(), device.network_id)
    assert not saves_of(device)


def heard(listener: Connection, change: Callable[[], object]) -> list[tuple[str, dict[str, Any]]]:
    """What a connection that listens to everything is told of a change."""
    listener.ask("notification/subscribe")
    with TestCase.captureOnCommitCallbacks(execute=True):
        change()
    listener.ask("server/info")
    pushed = [frame["notification"] for frame in listener.pushed()]
    return [(each["notification"], each["parameters"]) for each in pushed]


def test_who_listens_to_everything_hears_of_it(
    live: None, as_alice: Connection, alice: User, device: Device
) -> None:
    everything = Device.objects.filter(id=device.id)
    told = heard(as_alice, lambda: bulk.set_blocked(unlimited(alice), everything, True))
    assert told == [("$device-update", wire(device, isBlocked=True))]


def test_and_of_the_devices_of_a_file(
    live: None, as_alice: Connection, alice: User, device: Device
) -> None:
    rows = [
        f'{{"id": "{device.id}", "name": "Sun", "data": {{"on": true}}}}',
        '{"id": "new", "name": "Lamp", "networkId": 1}',
    ]
    told = heard(as_alice, lambda: list(transfer.import_lines(unlimited(alice), read_json(rows))))
    assert [name for name, _ in told] == ["$device-update", "$device-add"]
    assert told[0][1] == wire(device, name="Sun")


def test_a_dry_run_tells_nothing(
    live: None, as_alice: Connection, alice: User, device: Device
) -> None:
    rows = read_json([f'{{"id": "{device.id}", "name": "Sun"}}'])
    told = heard(
        as_alice, lambda: list(transfer.import_lines(unlimited(alice), rows, dry_run=True))
    )
    assert told == []
    assert not saves_of(device)
