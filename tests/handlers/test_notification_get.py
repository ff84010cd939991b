"""notification/get (protocol, 5.6.2)."""

from typing import Any

import pytest

from devices.models import Device, Network, User
from tests.conftest import Connection, connected, refused, success

FORBIDDEN = refused("notification/get", 403, "Access is denied")
NOT_FOUND = refused("notification/get", 404, "Requested notification not found")
NOT_A_NUMBER = refused("notification/get", 400, "Notification id should be an integer value.")


def no_device(device_id: str) -> dict[str, Any]:
    text = f"Device with such deviceId = {device_id} not found"
    return refused("notification/get", 404, text)


@pytest.fixture
def number(as_bob: Connection, device: Device) -> int:
    """A notification of bob's lamp."""
    answer = as_bob.ask(
        "notification/insert",
        deviceId=device.id,
        notification={"notification": "on", "timestamp": 1514764800000, "parameters": {"a": 1}},
    )
    id_: int = answer["notification"]["id"]
    return id_


def get(connection: Connection, number: Any, device_id: Any = "bobs-lamp") -> dict[str, Any]:
    return connection.ask("notification/get", deviceId=device_id, notificationId=number)


def test_the_whole_notification(as_bob: Connection, device: Device, number: int) -> None:
    assert get(as_bob, number) == success(
        "notification/get",
        notification={
            "id": number,
            "notification": "on",
            "deviceId": "bobs-lamp",
            "networkId": device.network_id,
            "deviceTypeId": device.device_type_id,
            "timestamp": "2018-01-01T00:00:00.000",
            "parameters": {"a": 1},
        },
    )


def test_an_id_may_be_digits(as_bob: Connection, number: int) -> None:
    assert get(as_bob, str(number))["notification"]["id"] == number


def test_what_a_save_told(as_bob: Connection) -> None:
    as_bob.ask("device/save", deviceId="new", device={"name": "New"})
    (told,) = as_bob.ask("notification/list", deviceId="new")["notifications"]
    assert get(as_bob, told["id"], "new")["notification"] == told
    assert (told["networkId"], told["deviceTypeId"]) == (None, None)


def test_it_stays_where_it_was_when_the_device_moves(
    as_alice: Connection, device: Device, number: int, network: Network
) -> None:
    as_alice.ask("device/save", deviceId=device.id, device={"networkId": 1})
    assert get(as_alice, number)["notification"]["networkId"] == network.id


# --- Checks, in their order ------------------------------------------------------------------


def test_anonymous_may_not(anonymous: Connection, number: int) -> None:
    assert get(anonymous, number) == refused("notification/get", 401, "Unauthorized")


def test_the_permission_is_needed(bob: User, number: int) -> None:
    assert get(connected(bob, a=(5,)), number) == FORBIDDEN
    assert get(connected(bob, a=(5,)), None, None) == FORBIDDEN


def test_a_device_id_is_required(as_bob: Connection) -> None:
    required = refused("notification/get", 400, "Device id is wrong or empty")
    assert get(as_bob, None, None) == get(as_bob, "x", None) == required


def test_a_notification_id_is_required(as_bob: Connection, device: Device) -> None:
    required = refused("notification/get", 400, "Notification id is wrong or empty")
    assert get(as_bob, None) == get(as_bob, None, "nothing") == required


@pytest.mark.parametrize("number", ["x", "", "1.0", 1.5, True, [], {}, 2**63, -(10**30), "9" * 30])
def test_a_notification_id_is_a_whole_number(
    as_bob: Connection, device: Device, number: Any
) -> None:
    assert get(as_bob, number) == get(as_bob, number, "nothing") == NOT_A_NUMBER


@pytest.mark.parametrize("device_id", ["nothing", ""])
def test_an_unknown_device_is_refused(
    as_alice: Connection, as_bob: Connection, device_id: str
) -> None:
    assert get(as_alice, 1, device_id) == get(as_bob, 1, device_id) == no_device(device_id)


def test_charlie_may_not(as_charlie: Connection, number: int) -> None:
    assert get(as_charlie, number) == FORBIDDEN
    assert get(as_charlie, 1) == FORBIDDEN


def test_charlie_reaches_nothing_with_a_token_for_everything(charlie: User, number: int) -> None:
    everything = connected(charlie, n=("*",), dt=("*",))
    assert get(everything, number) == FORBIDDEN


def test_a_limited_token_limits_an_administrator(alice: User, device: Device, number: int) -> None:
    assert get(connected(alice, n=("1",)), number) == FORBIDDEN
    assert get(connected(alice, n=(str(device.network_id),)), number)["status"] == "success"


@pytest.mark.parametrize("n", [None, ()])
def test_a_token_without_networks_reaches_nothing(bob: User, number: int, n: Any) -> None:
    assert get(connected(bob, n=n), number) == FORBIDDEN


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63 - 1, -(2**63)])
def test_an_unknown_notification_is_not_found(
    as_bob: Connection, device: Device, number: int
) -> None:
    assert get(as_bob, number) == NOT_FOUND


def test_one_of_another_device(as_bob: Connection, number: int) -> None:
    as_bob.ask("device/save", deviceId="other", device={"name": "Other"})
    assert get(as_bob, number, "other") == NOT_FOUND


def test_the_device_is_typed_first(as_bob: Connection, number: int) -> None:
    malformed = refused("notification/get", 400, "Malformed Json received.")
    assert get(as_bob, number, {}) == malformed
