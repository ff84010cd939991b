"""Frames written by hand, as a firmware would, over a real WebSocket."""

from tests.conftest import success
from tests.server import Server


def test_a_device_saves_itself(server: Server) -> None:
    device = server.connect("bob")
    answer = device.ask("device/save", deviceId="firmware-1", device={"name": "Firmware"})
    assert answer == success("device/save")
