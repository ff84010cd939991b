"""device/save, row by row of its tables (protocol, 5.4.5)."""

from devices.models import Device
from tests.conftest import Connection, refused, success


def test_save_registers_a_device(as_bob: Connection, network: object) -> None:
    answer = as_bob.ask("device/save", deviceId="lamp-1", device={"name": "Lamp"})
    assert answer == success("device/save")
    assert Device.objects.get(id="lamp-1").name == "Lamp"


def test_save_needs_a_name_for_a_new_device(as_bob: Connection) -> None:
    answer = as_bob.ask("device/save", deviceId="lamp-1", device={})
    assert answer == refused("device/save", 400, "name field cannot be null.")
    assert not Device.objects.filter(id="lamp-1").exists()
