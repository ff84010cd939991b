"""What can be done with a blocked device, with ENFORCE_BLOCKED and without (R-52)."""

from typing import Any

import pytest

from devices.models import Command, Device, Notification, User
from tests.conftest import Connection, connected, refused, success
from tests.rest.client import refused as rest_refused
from tests.rest.client import rest

TURN: dict[str, Any] = {"command": "turn"}
WRITES: list[tuple[str, dict[str, Any]]] = [
    ("device/save", {"device": {"name": "Other", "isBlocked": False}}),
    ("device/save", {"device": {"isBlocked": True}}),
    ("notification/insert", {"notification": {"notification": "on"}}),
    ("notification/insert", {"notification": {"notification": "$device-add"}}),
    ("command/insert", {"command": TURN}),
    ("command/insert", {}),
    ("command/update", {"command": {"status": "done"}}),
    ("device/delete", {}),
]
READS = ["device/get", "command/get", "command/list", "notification/list", "command/subscribe"]


@pytest.fixture
def enforced(settings: Any) -> None:
    settings.ENFORCE_BLOCKED = True


@pytest.fixture
def command(as_alice: Connection, device: Device) -> int:
    """The number of a command to the device, which is then blocked."""
    number = as_alice.ask("command/insert", deviceId=device.id, command=TURN)["command"]["id"]
    Device.objects.filter(pk=device.pk).update(is_blocked=True)
    return int(number)


def stored() -> list[Any]:
    models = Device, Command, Notification
    return [list(model._default_manager.order_by("pk").values()) for model in models]


@pytest.mark.parametrize(("action", "members"), WRITES)
def test_nothing_is_written_for_a_client(
    enforced: None, as_bob: Connection, device: Device, command: int, action: str, members: Any
) -> None:
    before = stored()
    answer = as_bob.ask(action, deviceId=device.id, commandId=command, **members)
    assert answer == refused(action, 403, "Device is blocked")
    assert stored() == before


@pytest.mark.parametrize(("action", "members"), WRITES)
def test_a_stranger_is_not_told(
    enforced: None, as_charlie: Connection, device: Device, command: int, action: str, members: Any
) -> None:
    answer = as_charlie.ask(action, deviceId=device.id, commandId=command, **members)
    text = "No access to device" if action == "device/save" else "Access is denied"
    assert answer == refused(action, 403, text)


@pytest.mark.parametrize("action", READS)
def test_a_client_goes_on_reading(
    enforced: None, as_bob: Connection, device: Device, command: int, action: str
) -> None:
    answer = as_bob.ask(action, deviceId=device.id, commandId=command)
    assert answer["status"] == "success"


def test_an_administrator_writes_and_unblocks(
    enforced: None, as_alice: Connection, as_bob: Connection, device: Device, command: int
) -> None:
    for action, members in WRITES[2:3] + WRITES[4:5] + WRITES[6:7]:
        answer = as_alice.ask(action, deviceId=device.id, commandId=command, **members)
        assert answer["status"] == "success", answer
    unblocked = as_alice.ask("device/save", deviceId=device.id, device={"isBlocked": False})
    assert unblocked == success("device/save")
    saved = as_bob.ask("device/save", deviceId=device.id, device={"name": "Bob's"})
    assert saved == success("device/save")


def test_a_client_of_all_actions_is_no_administrator(
    enforced: None, bob: User, device: Device, command: int
) -> None:
    everything = connected(bob, a=(0,), n=("*",), dt=("*",))
    answer = everything.ask("device/save", deviceId=device.id, device={"isBlocked": False})
    assert answer == refused("device/save", 403, "Device is blocked")


def test_who_blocks_in_a_save_is_refused_the_next(
    enforced: None, as_bob: Connection, device: Device
) -> None:
    blocked = as_bob.ask("device/save", deviceId=device.id, device={"isBlocked": True})
    assert blocked == success("device/save")
    answer = as_bob.ask("device/save", deviceId=device.id, device={"isBlocked": False})
    assert answer == refused("device/save", 403, "Device is blocked")


def test_over_http_too(enforced: None, bob: User, device: Device, command: int) -> None:
    blocked = rest_refused(403, "Device is blocked")
    assert rest(bob).put(f"device/{device.id}", {"name": "x"}) == blocked
    assert rest(bob).delete(f"device/{device.id}") == blocked
    assert rest(bob).post(f"device/{device.id}/command", TURN) == blocked


@pytest.mark.parametrize(("action", "members"), WRITES[:1] + WRITES[2:3] + WRITES[4:5] + WRITES[6:])
def test_by_default_it_is_a_mark(
    as_bob: Connection, device: Device, command: int, action: str, members: Any
) -> None:
    answer = as_bob.ask(action, deviceId=device.id, commandId=command, **members)
    assert answer["status"] == "success"
