"""command/insert (protocol, 5.5.1, with 4.5)."""

from typing import Any

import pytest

from devices.models import Command, Device, User
from tests.conftest import Connection, connected, refused, success

FORBIDDEN = refused("command/insert", 403, "Access is denied")
REQUIRED = refused("command/insert", 400, "Command is required")
ID_REQUIRED = refused("command/insert", 400, "Device id is wrong or empty")
MALFORMED = refused("command/insert", 400, "Malformed Json received.")
NOT_AN_OBJECT = refused("command/insert", 400, "'parameters' must be JSON Object!")


def insert(connection: Connection, device_id: Any = "bobs-lamp", **members: Any) -> dict[str, Any]:
    return connection.ask(
        "command/insert", deviceId=device_id, command={"command": "dim"} | members
    )


def not_found(device_id: str) -> dict[str, Any]:
    return refused("command/insert", 404, f"Device with such deviceId = {device_id} not found")


# --- Effect --------------------------------------------------------------------------------


def test_the_whole_command_is_stored(as_bob: Connection, bob: User, device: Device) -> None:
    members = {"parameters": {"to": 5}, "lifetime": 60, "status": "new", "result": {"a": None}}
    number = insert(as_bob, timestamp="2026-01-31T12:00:00Z", **members)["command"]["id"]
    answer = as_bob.ask("command/get", deviceId=device.id, commandId=number)
    assert answer["command"] == members | {
        "id": number,
        "command": "dim",
        "timestamp": "2026-01-31T12:00:00.000",
        "lastUpdated": "2026-01-31T12:00:00.000",
        "userId": bob.pk,
        "deviceId": "bobs-lamp",
        "networkId": device.network_id,
        "deviceTypeId": device.device_type_id,
    }


def test_only_the_name_is_needed(as_bob: Connection, device: Device) -> None:
    number = insert(as_bob)["command"]["id"]
    answer = as_bob.ask("command/get", deviceId=device.id, commandId=number)
    members = ("parameters", "lifetime", "status", "result")
    assert [answer["command"][member] for member in members] == [None] * 4


def test_the_answer_is_four_members(as_bob: Connection, bob: User, device: Device) -> None:
    answer = insert(as_bob, timestamp=1514764800123)
    created = {
        "id": Command.objects.get().number,
        "timestamp": "2018-01-01T00:00:00.123",
        "lastUpdated": "2018-01-01T00:00:00.123",
        "userId": bob.pk,
    }
    assert answer == success("command/insert", command=created)


def test_ids_are_random_and_fit_31_bits(as_bob: Connection, device: Device) -> None:
    numbers = [insert(as_bob)["command"]["id"] for _ in range(20)]
    assert len(set(numbers)) == 20
    assert all(0 <= number < 2**31 for number in numbers)
    assert numbers != sorted(numbers)


@pytest.mark.parametrize("absent", ["", None])
def test_an_empty_timestamp_is_now(as_bob: Connection, device: Device, absent: Any) -> None:
    before = as_bob.ask("server/info")["info"]["serverTimestamp"]
    created = insert(as_bob, timestamp=absent)["command"]
    after = as_bob.ask("server/info")["info"]["serverTimestamp"]
    assert before <= created["timestamp"] == created["lastUpdated"] <= after


def test_what_only_the_server_writes_is_ignored(as_bob: Connection, device: Device) -> None:
    written = {"id": 1, "userId": 1, "deviceId": "x", "networkId": 1, "lastUpdated": 5}
    number = insert(as_bob, **written)["command"]["id"]
    stored = Command.objects.get(number=number)
    assert number != 1
    assert (stored.network_id, stored.device_id) == (device.network_id, device.id)
    assert stored.last_updated == stored.timestamp


def test_texts_may_be_empty_or_any(as_bob: Connection, device: Device) -> None:
    for text in "", "Ä 😀 \\\"'{},NULL", "x" * 10_000:
        number = insert(as_bob, command=text, status=text)["command"]["id"]
        assert Command.objects.filter(number=number, command=text, status=text).exists()


@pytest.mark.parametrize("lifetime", [0, -1, 2**31 - 1, -(2**31), "60"])
def test_a_lifetime_is_stored_as_a_number(
    as_bob: Connection, device: Device, lifetime: Any
) -> None:
    insert(as_bob, lifetime=lifetime)
    assert Command.objects.get().lifetime == int(lifetime)


def test_objects_come_back_as_they_were_sent(as_bob: Connection, device: Device) -> None:
    sent = '{"z":1,"a":{"n":null},"big":123456789012345678901234567890,"d":0.10,"e":1E5}'
    as_bob.send(
        '{"action":"command/insert","deviceId":"bobs-lamp","command":'
        f'{{"command":"dim","parameters":{sent},"result":{sent}}}}}'
    )
    answer = as_bob.text('{"action":"command/list","deviceId":"bobs-lamp"}')
    assert f'"parameters":{sent},' in answer
    assert f'"result":{sent}}}' in answer


# --- Checks, in their order ------------------------------------------------------------------


def test_anonymous_may_not(anonymous: Connection, device: Device) -> None:
    for device_id in device.id, "nothing", None:
        assert insert(anonymous, device_id) == refused("command/insert", 401, "Unauthorized")


def test_the_permission_is_needed(bob: User, device: Device) -> None:
    assert insert(connected(bob, a=(5, 8, 9))) == FORBIDDEN


def test_charlie_may_not(as_charlie: Connection, device: Device) -> None:
    assert insert(as_charlie) == FORBIDDEN
    assert not Command.objects.exists()


def test_charlie_reaches_nothing_with_a_token_for_everything(charlie: User, device: Device) -> None:
    everything = connected(charlie, n=("*",), dt=("*",))
    assert insert(everything) == not_found(device.id)
    assert not Command.objects.exists()


def test_a_limited_token_limits_an_administrator(alice: User, device: Device) -> None:
    assert insert(connected(alice, n=("1",))) == FORBIDDEN
    assert insert(connected(alice, n=(str(device.network_id),)))["status"] == "success"


@pytest.mark.parametrize("n", [None, ()])
def test_a_token_without_networks_reaches_nothing(bob: User, device: Device, n: Any) -> None:
    assert insert(connected(bob, n=n)) == FORBIDDEN


def test_a_token_limits_types(bob: User, device: Device) -> None:
    bob.all_device_types_available = False
    bob.save()
    bob.device_types.set([1, device.device_type_id])
    for dt, status in [((str(device.device_type_id),), "success"), (("1",), "error")]:
        assert insert(connected(bob, dt=dt))["status"] == status
    assert insert(connected(bob, dt=None)) == FORBIDDEN


@pytest.mark.parametrize("command", [5, "x", [], {"command": {}}, {"lifetime": "x"}])
def test_the_gate_comes_before_types(
    as_charlie: Connection, as_bob: Connection, device: Device, command: Any
) -> None:
    members = {"deviceId": device.id, "command": command}
    assert as_charlie.ask("command/insert", **members) == FORBIDDEN
    assert as_bob.ask("command/insert", **members) == MALFORMED


@pytest.mark.parametrize(
    "members",
    [
        {"timestamp": "2018-01-01 00:00:00"},
        {"timestamp": True},
        {"lifetime": 1.5},
        {"lifetime": 2**31},
        {"lifetime": ""},
        {"status": []},
        {"status": "a\0b"},
        {"command": "a\0b"},
    ],
)
def test_members_of_other_types_are_malformed(
    as_bob: Connection, device: Device, members: dict[str, Any]
) -> None:
    assert insert(as_bob, **members) == MALFORMED


@pytest.mark.parametrize("member", ["parameters", "result"])
@pytest.mark.parametrize("value", [5, "x", [], True])
def test_parameters_and_result_are_objects(
    as_bob: Connection, device: Device, member: str, value: Any
) -> None:
    assert insert(as_bob, **{member: value}) == NOT_AN_OBJECT


def test_types_come_before_the_device(as_alice: Connection, as_bob: Connection) -> None:
    assert insert(as_alice, "nothing", lifetime="x") == MALFORMED
    assert insert(as_bob, None, lifetime="x") == MALFORMED


def test_a_device_id_is_required(as_bob: Connection) -> None:
    assert insert(as_bob, None) == insert(as_bob, None, command=None) == ID_REQUIRED
    assert as_bob.ask("command/insert") == ID_REQUIRED


@pytest.mark.parametrize("device_id", ["nothing", "", "BOBS-LAMP"])
def test_an_unknown_device_is_refused(
    as_alice: Connection, as_bob: Connection, device_id: str
) -> None:
    assert insert(as_alice, device_id) == not_found(device_id)
    assert insert(as_bob, device_id) == FORBIDDEN


@pytest.mark.parametrize("command", [None, {}, {"command": None}, {"parameters": {}}])
def test_a_command_with_a_name_is_required(
    as_alice: Connection, as_bob: Connection, device: Device, command: Any
) -> None:
    assert as_bob.ask("command/insert", deviceId=device.id, command=command) == REQUIRED
    unknown = as_alice.ask("command/insert", deviceId="nothing", command=command)
    assert unknown == not_found("nothing")
