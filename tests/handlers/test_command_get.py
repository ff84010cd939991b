"""command/get (protocol, 5.5.3)."""

from typing import Any

import pytest

from devices.models import Device, User
from tests.conftest import Connection, connected, refused

FORBIDDEN = refused("command/get", 403, "Access is denied")
DEVICE_ID_REQUIRED = refused("command/get", 400, "Device id is wrong or empty")
COMMAND_ID_REQUIRED = refused("command/get", 400, "Command id is wrong or empty")
MALFORMED = refused("command/get", 400, "Malformed Json received.")


def no_device(device_id: str) -> dict[str, Any]:
    return refused("command/get", 404, f"Device with such deviceId = {device_id} not found")


@pytest.fixture
def number(as_bob: Connection, device: Device) -> int:
    """A command for bob's lamp."""
    answer = as_bob.ask("command/insert", deviceId=device.id, command={"command": "dim"})
    id_: int = answer["command"]["id"]
    return id_


def get(
    connection: Connection, number: Any, device_id: Any = "bobs-lamp", **members: Any
) -> dict[str, Any]:
    return connection.ask("command/get", deviceId=device_id, commandId=number, **members)


def test_an_id_may_be_digits(as_bob: Connection, number: int) -> None:
    assert get(as_bob, str(number))["command"]["id"] == number


def test_what_clients_send_besides_is_ignored(as_bob: Connection, number: int) -> None:
    assert get(as_bob, number, returnUpdatedCommands=[])["command"]["id"] == number


def test_where_it_was_sent_to_stays(as_alice: Connection, device: Device, number: int) -> None:
    as_alice.ask("device/save", deviceId=device.id, device={"networkId": 1, "deviceTypeId": 1})
    command = get(as_alice, number)["command"]
    where = (device.network_id, device.device_type_id)
    assert (command["networkId"], command["deviceTypeId"]) == where


# --- Checks, in their order ------------------------------------------------------------------


def test_anonymous_may_not(anonymous: Connection, number: int) -> None:
    assert get(anonymous, number) == refused("command/get", 401, "Unauthorized")


def test_the_permission_is_needed(bob: User, number: int) -> None:
    assert get(connected(bob, a=(4, 7, 8)), number) == FORBIDDEN


def test_charlie_may_not(as_charlie: Connection, number: int) -> None:
    assert get(as_charlie, number) == get(as_charlie, "x") == get(as_charlie, None) == FORBIDDEN


def test_charlie_reaches_nothing_with_a_token_for_everything(
    charlie: User, device: Device, number: int
) -> None:
    everything = connected(charlie, n=("*",), dt=("*",))
    assert get(everything, number) == no_device(device.id)


def test_a_limited_token_limits_an_administrator(alice: User, device: Device, number: int) -> None:
    assert get(connected(alice, n=("1",)), number) == FORBIDDEN
    assert get(connected(alice, n=(str(device.network_id),)), number)["status"] == "success"


@pytest.mark.parametrize("n", [None, ()])
def test_a_token_without_networks_reaches_nothing(bob: User, number: int, n: Any) -> None:
    assert get(connected(bob, n=n), number) == FORBIDDEN


@pytest.mark.parametrize("number", ["x", "", "1.0", 1.5, True, [], {}, 2**63])
def test_an_id_is_a_whole_number(as_bob: Connection, device: Device, number: Any) -> None:
    assert get(as_bob, number) == get(as_bob, number, None) == MALFORMED


def test_a_device_id_is_required(as_bob: Connection, number: int) -> None:
    assert get(as_bob, number, None) == get(as_bob, None, None) == DEVICE_ID_REQUIRED


def test_a_command_id_is_required(as_alice: Connection, device: Device) -> None:
    assert get(as_alice, None) == get(as_alice, None, "nothing") == COMMAND_ID_REQUIRED


@pytest.mark.parametrize("device_id", ["nothing", ""])
def test_an_unknown_device_is_refused(
    as_alice: Connection, as_bob: Connection, number: int, device_id: str
) -> None:
    assert get(as_alice, number, device_id) == no_device(device_id)
    assert get(as_bob, number, device_id) == FORBIDDEN


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63 - 1, -(2**63)])
def test_an_unknown_command_is_not_found(as_bob: Connection, device: Device, number: int) -> None:
    not_found = refused("command/get", 404, f"Command with id = {number} not found")
    assert get(as_bob, number) == not_found


def test_a_command_of_another_device(as_bob: Connection, number: int) -> None:
    as_bob.ask("device/save", deviceId="other", device={"name": "Other"})
    not_found = refused("command/get", 404, f"Command with id = {number} not found")
    assert get(as_bob, number, "other") == not_found
