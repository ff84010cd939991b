"""command/update (protocol, 5.5.2)."""

from typing import Any

import pytest

from devices.models import Command, Device, User
from tests.conftest import Connection, connected, refused, success

FORBIDDEN = refused("command/update", 403, "Access is denied")
COMMAND_ID_REQUIRED = refused("command/update", 400, "Command id is wrong or empty")
DEVICE_ID_REQUIRED = refused("command/update", 400, "Device id is wrong or empty")
REQUIRED = refused("command/update", 400, "Command is required")
MALFORMED = refused("command/update", 400, "Malformed Json received.")
DONE = success("command/update")


def no_device(device_id: str) -> dict[str, Any]:
    return refused("command/update", 404, f"Device with such deviceId = {device_id} not found")


def no_command(number: int) -> dict[str, Any]:
    return refused("command/update", 404, f"Command with id = {number} not found")


@pytest.fixture
def number(as_bob: Connection, device: Device) -> int:
    """A command for bob's lamp."""
    command = {"command": "dim", "parameters": {"to": 5}, "timestamp": 1514764800000}
    answer = as_bob.ask("command/insert", deviceId=device.id, command=command)
    id_: int = answer["command"]["id"]
    return id_


def update(
    connection: Connection, number: Any, device_id: Any = "bobs-lamp", **members: Any
) -> dict[str, Any]:
    return connection.ask("command/update", deviceId=device_id, commandId=number, command=members)


def get(connection: Connection, number: int) -> dict[str, Any]:
    answer = connection.ask("command/get", deviceId="bobs-lamp", commandId=number)
    command: dict[str, Any] = answer["command"]
    return command


# --- Effect --------------------------------------------------------------------------------


def test_status_and_result_change_and_nothing_else(as_bob: Connection, number: int) -> None:
    before = get(as_bob, number)
    assert update(as_bob, number, status="done", result={"took": 3}) == DONE
    after = get(as_bob, number)
    assert after == before | {
        "status": "done",
        "result": {"took": 3},
        "lastUpdated": after["lastUpdated"],
    }


def test_the_time_of_the_update_is_now(as_bob: Connection, number: int) -> None:
    before = as_bob.ask("server/info")["info"]["serverTimestamp"]
    update(as_bob, number)
    after = as_bob.ask("server/info")["info"]["serverTimestamp"]
    assert before <= get(as_bob, number)["lastUpdated"] <= after


def test_the_time_is_the_servers_even_if_the_client_sent_a_later_one(
    as_bob: Connection, device: Device
) -> None:
    command = {"command": "dim", "timestamp": "9999-12-31T23:59:59.999"}
    number = as_bob.ask("command/insert", deviceId=device.id, command=command)["command"]["id"]
    assert update(as_bob, number) == DONE
    updated = get(as_bob, number)
    assert updated["lastUpdated"] < "2100"
    assert updated["timestamp"] == "9999-12-31T23:59:59.999"


def test_the_time_is_another_than_the_commands_even_within_its_millisecond(
    as_bob: Connection, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = Command.objects.get(number=number)
    monkeypatch.setattr("devices.services.commands.now", lambda: command.timestamp)
    assert update(as_bob, number) == DONE
    assert get(as_bob, number)["timestamp"] == "2018-01-01T00:00:00.000"
    assert get(as_bob, number)["lastUpdated"] == "2018-01-01T00:00:00.001"


@pytest.mark.parametrize("absent", [{}, {"status": None, "result": None}])
def test_what_is_absent_is_kept(as_bob: Connection, number: int, absent: dict[str, Any]) -> None:
    update(as_bob, number, status="started", result={"a": 1})
    assert update(as_bob, number, **absent) == DONE
    updated = get(as_bob, number)
    assert (updated["status"], updated["result"]) == ("started", {"a": 1})


def test_each_is_replaced_by_itself(as_bob: Connection, number: int) -> None:
    update(as_bob, number, status="started", result={"a": 1})
    update(as_bob, number, status="")
    update(as_bob, number, result={})
    updated = get(as_bob, number)
    assert (updated["status"], updated["result"]) == ("", {})


def test_nothing_else_changes(as_bob: Connection, number: int) -> None:
    before = get(as_bob, number)
    whole = before | {"command": "other", "parameters": {}, "lifetime": 5, "userId": 1, "id": 1}
    assert update(as_bob, number, **whole | {"timestamp": 0}) == DONE
    assert get(as_bob, number) == before | {"lastUpdated": get(as_bob, number)["lastUpdated"]}


def test_ids_as_digits(as_bob: Connection, number: int) -> None:
    assert update(as_bob, str(number), status="done") == DONE
    assert get(as_bob, number)["status"] == "done"


def test_no_other_command_changes(as_bob: Connection, device: Device, number: int) -> None:
    other = as_bob.ask("command/insert", deviceId=device.id, command={"command": "dim"})
    before = get(as_bob, other["command"]["id"])
    update(as_bob, number, status="done")
    assert get(as_bob, other["command"]["id"]) == before


# --- Checks, in their order ------------------------------------------------------------------


def test_anonymous_may_not(anonymous: Connection, number: int) -> None:
    assert update(anonymous, number) == refused("command/update", 401, "Unauthorized")


def test_the_permission_is_needed(bob: User, number: int) -> None:
    assert update(connected(bob, a=(5, 7)), number) == FORBIDDEN


def test_charlie_may_not(as_charlie: Connection, number: int) -> None:
    assert update(as_charlie, number, status="mine") == FORBIDDEN
    assert Command.objects.get(number=number).status is None


def test_charlie_reaches_nothing_with_a_token_for_everything(
    charlie: User, device: Device, number: int
) -> None:
    everything = connected(charlie, n=("*",), dt=("*",))
    assert update(everything, number, status="mine") == no_device(device.id)
    assert Command.objects.get(number=number).status is None


def test_a_limited_token_limits_an_administrator(alice: User, device: Device, number: int) -> None:
    assert update(connected(alice, n=("1",)), number) == FORBIDDEN
    assert update(connected(alice, n=(str(device.network_id),)), number) == DONE


@pytest.mark.parametrize("n", [None, ()])
def test_a_token_without_networks_reaches_nothing(bob: User, number: int, n: Any) -> None:
    assert update(connected(bob, n=n), number) == FORBIDDEN


def test_the_gate_comes_before_all_else(as_charlie: Connection, number: int) -> None:
    assert update(as_charlie, None) == FORBIDDEN
    assert update(as_charlie, "x", status=[]) == FORBIDDEN


@pytest.mark.parametrize("number", ["x", "", 1.5, True, [], 2**63])
def test_types_of_the_id(as_bob: Connection, device: Device, number: Any) -> None:
    assert update(as_bob, number) == MALFORMED


def test_types_come_before_ids(as_bob: Connection, device: Device) -> None:
    assert update(as_bob, None, status=[]) == update(as_bob, 1, None, status={}) == MALFORMED


@pytest.mark.parametrize("command", [5, "x", []])
def test_the_command_is_an_object(as_bob: Connection, number: int, command: Any) -> None:
    members = {"deviceId": "bobs-lamp", "commandId": number, "command": command}
    assert as_bob.ask("command/update", **members) == MALFORMED


@pytest.mark.parametrize("result", [5, "x", []])
def test_the_result_is_an_object(as_bob: Connection, number: int, result: Any) -> None:
    answer = update(as_bob, number, result=result)
    assert answer == refused("command/update", 400, "'parameters' must be JSON Object!")


def test_what_is_not_used_is_not_checked(as_bob: Connection, number: int) -> None:
    assert update(as_bob, number, lifetime="x", parameters=5, timestamp="never") == DONE


def test_a_command_id_is_required(as_bob: Connection, device: Device) -> None:
    assert update(as_bob, None) == update(as_bob, None, None) == COMMAND_ID_REQUIRED


def test_a_device_id_is_required(as_bob: Connection, number: int) -> None:
    assert update(as_bob, number, None) == DEVICE_ID_REQUIRED
    assert as_bob.ask("command/update", commandId=number) == DEVICE_ID_REQUIRED


@pytest.mark.parametrize("device_id", ["nothing", ""])
def test_an_unknown_device_is_refused(
    as_alice: Connection, as_bob: Connection, number: int, device_id: str
) -> None:
    assert update(as_alice, number, device_id) == no_device(device_id)
    assert update(as_bob, number, device_id) == FORBIDDEN


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63 - 1, -(2**63)])
def test_an_unknown_command(as_bob: Connection, device: Device, number: int) -> None:
    assert update(as_bob, number, status="done") == no_command(number)


def test_a_command_of_the_device_that_had_the_id_before(
    as_bob: Connection, device: Device, number: int
) -> None:
    as_bob.ask("device/delete", deviceId=device.id)
    as_bob.ask("device/save", deviceId=device.id, device={"name": "Another lamp"})
    assert update(as_bob, number, status="done") == no_command(number)
    assert not Command.objects.filter(number=number, status="done").exists()


def test_a_command_of_another_device(as_bob: Connection, number: int) -> None:
    as_bob.ask("device/save", deviceId="other", device={"name": "Other"})
    assert update(as_bob, number, "other", status="done") == no_command(number)


@pytest.mark.parametrize("absent", [{}, {"command": None}])
def test_a_body_is_required(
    as_bob: Connection, device: Device, number: int, absent: dict[str, Any]
) -> None:
    ids = {"deviceId": device.id, "commandId": number}
    assert as_bob.ask("command/update", **ids, **absent) == REQUIRED
    unknown = as_bob.ask("command/update", **ids | {"commandId": 1}, **absent)
    assert unknown == no_command(1)
