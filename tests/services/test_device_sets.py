"""Many devices at once: what a principal can reach, and no more."""

import pytest

from devicehive.errors import Refused
from devices.models import Device, User
from devices.services import device_sets
from devices.services.tokens import unlimited


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
