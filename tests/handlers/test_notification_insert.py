"""notification/insert (protocol, 5.6.1, with 4.6 and 7.1)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from devices.models import Device, Notification, User
from tests.conftest import Connection, connected, refused, success

FORBIDDEN = refused("notification/insert", 403, "Access is denied")
REQUIRED = refused("notification/insert", 400, "Notification is required")
ID_REQUIRED = refused("notification/insert", 400, "Device id is wrong or empty")
MALFORMED = refused("notification/insert", 400, "Malformed Json received.")
NOT_AN_OBJECT = refused("notification/insert", 400, "'parameters' must be JSON Object!")


def insert(connection: Connection, device_id: Any = "bobs-lamp", **members: Any) -> dict[str, Any]:
    return connection.ask(
        "notification/insert", deviceId=device_id, notification={"notification": "on"} | members
    )


def not_found(device_id: str) -> dict[str, Any]:
    text = f"Device with such deviceId = {device_id} not found"
    return refused("notification/insert", 404, text)


def stored(number: int) -> Any:
    members = ("notification", "device_id", "network_id", "device_type_id", "parameters")
    return Notification.objects.values(*members).get(number=number)


# --- Effect --------------------------------------------------------------------------------


def test_it_is_stored_where_the_device_is(as_bob: Connection, device: Device) -> None:
    answer = insert(as_bob, parameters={"volume": 11})
    assert stored(answer["notification"]["id"]) == {
        "notification": "on",
        "device_id": "bobs-lamp",
        "network_id": device.network_id,
        "device_type_id": device.device_type_id,
        "parameters": '{"volume": 11}',
    }


def test_the_answer_is_id_and_timestamp(as_bob: Connection, device: Device) -> None:
    answer = insert(as_bob, timestamp="2026-01-31T12:00:00.123")
    number = Notification.objects.get(device_id=device.id).number
    created = {"id": number, "timestamp": "2026-01-31T12:00:00.123"}
    assert answer == success("notification/insert", notification=created)


def test_ids_are_random_and_fit_31_bits(as_bob: Connection, device: Device) -> None:
    numbers = [insert(as_bob)["notification"]["id"] for _ in range(20)]
    assert len(set(numbers)) == 20
    assert all(0 <= number < 2**31 for number in numbers)
    assert numbers != sorted(numbers)


def test_the_timestamp_is_now_unless_given(as_bob: Connection, device: Device) -> None:
    before = as_bob.ask("server/info")["info"]["serverTimestamp"]
    moment = insert(as_bob)["notification"]["timestamp"]
    assert before <= moment <= as_bob.ask("server/info")["info"]["serverTimestamp"]


@pytest.mark.parametrize(
    "timestamp",
    [
        "2018-01-01T00:00:00.000",
        "2018-01-01T00:00:00.000Z",
        "2018-01-01T01:00:00.0005+01:00",
        1514764800000,
        "1514764800000",
        "2018-01-01",
        "Mon, 01 Jan 2018 00:00:00 GMT",
    ],
)
def test_timestamps_in_any_form(as_bob: Connection, device: Device, timestamp: Any) -> None:
    answer = insert(as_bob, timestamp=timestamp)
    assert answer["notification"]["timestamp"] == "2018-01-01T00:00:00.000"
    assert Notification.objects.get(device_id=device.id).timestamp == datetime(
        2018, 1, 1, tzinfo=UTC
    )


@pytest.mark.parametrize("timestamp", ["0001-01-01T00:00:00.000", "9999-12-31T23:59:59.999"])
def test_the_first_and_the_last_moment(as_bob: Connection, device: Device, timestamp: str) -> None:
    number = insert(as_bob, timestamp=timestamp)["notification"]["id"]
    answer = as_bob.ask("notification/get", deviceId=device.id, notificationId=number)
    assert answer["notification"]["timestamp"] == timestamp


@pytest.mark.parametrize("absent", ["", None])
def test_an_empty_timestamp_is_none(as_bob: Connection, device: Device, absent: Any) -> None:
    assert insert(as_bob, timestamp=absent)["notification"]["timestamp"] > "2026"


def test_a_name_may_be_empty_or_any_text(as_bob: Connection, device: Device) -> None:
    for name in "", "Ä 😀 \\\"'{}", "$device-delete", "x" * 10_000:
        number = insert(as_bob, notification=name)["notification"]["id"]
        assert stored(number)["notification"] == name


def test_a_number_is_a_name(as_bob: Connection, device: Device) -> None:
    number = insert(as_bob, notification=5)["notification"]["id"]
    assert stored(number)["notification"] == "5"


def test_parameters_come_back_as_they_were_sent(as_bob: Connection, device: Device) -> None:
    parameters = '{"z":1,"a":{"n":null},"big":123456789012345678901234567890,"d":0.10,"e":1E5}'
    as_bob.send(
        '{"action":"notification/insert","deviceId":"bobs-lamp","notification":'
        f'{{"notification":"on","parameters":{parameters}}}}}'
    )
    assert f'"parameters":{parameters}' in as_bob.text(
        '{"action":"notification/list","deviceId":"bobs-lamp"}'
    )


def test_what_only_the_server_writes_is_ignored(as_bob: Connection, device: Device) -> None:
    written = {"id": 1, "deviceId": "other", "networkId": 1, "deviceTypeId": 1}
    number = insert(as_bob, **written)["notification"]["id"]
    assert number != 1
    assert stored(number)["network_id"] == device.network_id


# --- Checks, in their order ------------------------------------------------------------------


def test_anonymous_may_not(anonymous: Connection, device: Device) -> None:
    for device_id in device.id, "nothing", None:
        assert insert(anonymous, device_id) == refused("notification/insert", 401, "Unauthorized")


def test_the_permission_is_needed(bob: User, device: Device) -> None:
    assert insert(connected(bob, a=(7,))) == FORBIDDEN


def test_charlie_may_not(as_charlie: Connection, device: Device) -> None:
    assert insert(as_charlie) == FORBIDDEN
    assert not Notification.objects.exists()


def test_charlie_reaches_nothing_with_a_token_for_everything(charlie: User, device: Device) -> None:
    everything = connected(charlie, n=("*",), dt=("*",))
    assert insert(everything) == not_found(device.id)
    assert not Notification.objects.exists()


def test_a_limited_token_limits_an_administrator(alice: User, device: Device) -> None:
    assert insert(connected(alice, n=("1",))) == FORBIDDEN
    own = connected(alice, n=(str(device.network_id),))
    assert insert(own)["status"] == "success"


@pytest.mark.parametrize("n", [None, ()])
def test_a_token_without_networks_reaches_nothing(bob: User, device: Device, n: Any) -> None:
    assert insert(connected(bob, n=n)) == FORBIDDEN


@pytest.mark.parametrize("device_id", ["nothing", "", "BOBS-LAMP"])
def test_an_unknown_device_is_refused(
    as_alice: Connection, as_bob: Connection, device_id: str
) -> None:
    assert insert(as_alice, device_id) == not_found(device_id)
    assert insert(as_bob, device_id) == FORBIDDEN


@pytest.mark.parametrize("notification", [5, "on", [], {"parameters": 5}, {"timestamp": "now"}])
def test_the_gate_comes_before_types(
    as_charlie: Connection, as_bob: Connection, device: Device, notification: Any
) -> None:
    members = {"deviceId": device.id, "notification": notification}
    assert as_charlie.ask("notification/insert", **members) == FORBIDDEN
    assert as_bob.ask("notification/insert", **members) in (MALFORMED, NOT_AN_OBJECT)


@pytest.mark.parametrize(
    "members",
    [
        {"timestamp": "2018-01-01 00:00:00"},
        {"timestamp": "yesterday"},
        {"timestamp": True},
        {"timestamp": []},
        {"timestamp": 10**17},
        {"notification": {}},
        {"notification": "a\0b"},
    ],
)
def test_members_of_other_types_are_malformed(
    as_bob: Connection, device: Device, members: dict[str, Any]
) -> None:
    assert insert(as_bob, **members) == MALFORMED


@pytest.mark.parametrize("parameters", [5, "x", [], True])
def test_parameters_are_an_object(as_bob: Connection, device: Device, parameters: Any) -> None:
    assert insert(as_bob, parameters=parameters) == NOT_AN_OBJECT


def test_types_come_before_the_name(as_bob: Connection, device: Device) -> None:
    assert insert(as_bob, notification=None, timestamp=True) == MALFORMED


@pytest.mark.parametrize("notification", [None, {}, {"notification": None}, {"parameters": {}}])
def test_a_notification_with_a_name_is_required(
    as_charlie: Connection, as_bob: Connection, device: Device, notification: Any
) -> None:
    members = {"deviceId": device.id, "notification": notification}
    assert as_bob.ask("notification/insert", **members) == REQUIRED
    assert as_charlie.ask("notification/insert", **members) == FORBIDDEN


def test_the_name_comes_before_the_device_id(as_bob: Connection) -> None:
    assert insert(as_bob, None, notification=None) == REQUIRED


def test_the_name_comes_before_the_device(as_alice: Connection) -> None:
    assert insert(as_alice, "nothing", notification=None) == REQUIRED


def test_a_device_id_is_required(as_bob: Connection) -> None:
    assert insert(as_bob, None) == ID_REQUIRED
    assert insert(as_bob, None, notification="$device-add") == ID_REQUIRED


def test_the_device_comes_before_the_reserved_name(
    as_alice: Connection, as_bob: Connection
) -> None:
    assert insert(as_alice, "nothing", notification="$device-add") == not_found("nothing")
    assert insert(as_bob, "nothing", notification="$device-add") == FORBIDDEN


@pytest.mark.parametrize("name", ["$device-add", "$device-update"])
def test_what_the_server_tells_may_not_be_told_by_others(
    as_alice: Connection, device: Device, name: str
) -> None:
    assert insert(as_alice, notification=name) == refused(
        "notification/insert",
        403,
        "It's forbidden to insert these special notifications: $device-update, $device-add.",
    )
    assert not Notification.objects.exists()
