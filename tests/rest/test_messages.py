"""Commands and notifications (REST 2.7 and 2.8)."""

from typing import Any

import pytest

from devicehive.protocol.timestamps import timestamp_text
from devices.models import Command, Device, Notification, User
from tests.conftest import Connection
from tests.rest.client import DONE, FORBIDDEN, INVALID, NO_BODY, Rest, refused

COMMANDS = "device/bobs-lamp/command"
NOTIFICATIONS = "device/bobs-lamp/notification"
NOT_AN_OBJECT = refused(400, "'parameters' must be JSON Object!")
RESERVED = refused(
    403, "It's forbidden to insert these special notifications: $device-update, $device-add."
)
UNPARSEABLE = refused(400, "Unparseable timestamp")


def inserted(rest: Rest, path: str = COMMANDS, **members: Any) -> dict[str, Any]:
    named = {"command": "dim"} if path == COMMANDS else {"notification": "on"}
    status, answer = rest.post(path, named | members)
    assert status == 201, answer
    return dict(answer)


# --- Commands --------------------------------------------------------------------------------


def test_an_inserted_command_is_answered_whole(bob_rest: Rest, bob: User, device: Device) -> None:
    body = {"command": "dim", "parameters": {"to": 5}, "lifetime": 60, "timestamp": 1514764800123}
    status, answer = bob_rest.post(COMMANDS, body)
    moment = "2018-01-01T00:00:00.123"
    number = Command.objects.get().number
    assert (status, answer) == (
        201,
        {
            "id": number,
            "command": "dim",
            "timestamp": moment,
            "lastUpdated": moment,
            "userId": bob.pk,
            "deviceId": "bobs-lamp",
            "networkId": device.network_id,
            "deviceTypeId": device.device_type_id,
            "parameters": {"to": 5},
            "lifetime": 60,
            "status": None,
            "result": None,
        },
    )
    assert bob_rest.get(f"{COMMANDS}/{number}") == (200, answer)
    assert bob_rest.get(COMMANDS) == (200, [answer])


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (None, NO_BODY),
        ({}, refused(400, "Command is required")),
        ({"command": "dim", "parameters": 5}, NOT_AN_OBJECT),
        ({"command": "dim", "result": []}, NOT_AN_OBJECT),
        ({"command": "dim", "lifetime": "x"}, INVALID),
        ({"command": "dim", "timestamp": "yesterday"}, INVALID),
        ([], INVALID),
    ],
)
def test_a_command_that_is_none_is_refused(
    bob_rest: Rest, device: Device, body: Any, answer: Any
) -> None:
    assert bob_rest.post(COMMANDS, body) == answer
    assert not Command.objects.exists()


def test_commands_of_devices_that_are_not_reached(
    alice_rest: Rest, charlie_rest: Rest, device: Device
) -> None:
    body = {"command": "dim"}
    assert charlie_rest.post(COMMANDS, body) == FORBIDDEN
    unknown = refused(404, "Device with such deviceId = nothing not found")
    assert alice_rest.post("device/nothing/command", body) == unknown
    assert alice_rest.get("device/nothing/command") == unknown
    assert charlie_rest.get("device/nothing/command") == FORBIDDEN


def test_an_update_changes_status_and_result(bob_rest: Rest, device: Device) -> None:
    number = inserted(bob_rest, lifetime=5)["id"]
    body = {"status": "done", "result": {"ok": True}, "command": "other", "newField": 1}
    assert bob_rest.put(f"{COMMANDS}/{number}", body) == DONE
    command = Command.objects.get()
    assert (command.command, command.status, command.result) == ("dim", "done", '{"ok": true}')
    assert command.last_updated > command.timestamp
    assert bob_rest.put(f"{COMMANDS}/{number}", {"status": "again"}) == DONE


def test_what_an_update_refuses(alice_rest: Rest, bob_rest: Rest, device: Device) -> None:
    number = inserted(bob_rest)["id"]
    unknown = refused(404, "Command with id = 5 not found")
    assert bob_rest.put(f"{COMMANDS}/{number}") == NO_BODY
    assert bob_rest.put(f"{COMMANDS}/5") == unknown
    assert bob_rest.put(f"{COMMANDS}/5", {"status": "x"}) == unknown
    body: Any
    for body in [], "x", {"status": []}, {"result": 5}:
        assert bob_rest.put(f"{COMMANDS}/5", body) == unknown
    assert bob_rest.put(f"{COMMANDS}/{number}", {"result": 5}) == NOT_AN_OBJECT
    assert bob_rest.put(f"{COMMANDS}/{number}", []) == INVALID
    assert bob_rest.put(f"{COMMANDS}/x", {"status": "x"}) == INVALID
    no_device = refused(404, "Device with such deviceId = nothing not found")
    for body in {"status": "x"}, [], None:
        assert alice_rest.put(f"device/nothing/command/{number}", body) == no_device


def test_one_command_may_be_asked_for_once_it_is_updated(bob_rest: Rest, device: Device) -> None:
    number = inserted(bob_rest)["id"]
    path = f"{COMMANDS}/{number}"
    unknown = refused(404, f"Command with id = {number} not found")
    assert bob_rest.get(path, returnUpdatedCommands="true") == unknown
    assert bob_rest.get(path, returnUpdatedCommands="no")[0] == 200
    bob_rest.put(path, {"status": "done"})
    assert bob_rest.get(path, returnUpdatedCommands="True")[1]["status"] == "done"
    assert bob_rest.get(f"{COMMANDS}/x") == INVALID


def test_the_socket_has_no_such_parameter(
    bob_rest: Rest, as_bob: Connection, device: Device
) -> None:
    number = inserted(bob_rest)["id"]
    answer = as_bob.ask(
        "command/get", deviceId=device.id, commandId=number, returnUpdatedCommands=True
    )
    assert answer["status"] == "success"


# --- Lists -----------------------------------------------------------------------------------


@pytest.fixture
def _three(bob_rest: Rest, device: Device) -> None:
    """Of each kind, three messages at seconds 1, 2 and 3, in no order."""
    for name, status, second in ("b", "done", 3), ("a", "Done", 1), ("a", None, 2):
        moment = f"2026-01-01T00:00:0{second}"
        inserted(bob_rest, command=name, status=status, timestamp=moment)
        inserted(bob_rest, NOTIFICATIONS, notification=name, timestamp=moment)


NEWEST_FIRST = ["b3", "a2", "a1"]
both = pytest.mark.parametrize(
    ("path", "name"), [(COMMANDS, "command"), (NOTIFICATIONS, "notification")]
)


def listed(rest: Rest, path: str, name: str, **query: Any) -> list[str]:
    status, messages = rest.get(path, **query)
    assert status == 200, messages
    return [each[name] + each["timestamp"][18] for each in messages]


@both
@pytest.mark.usefixtures("_three")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, NEWEST_FIRST),
        ({"sortOrder": "desc"}, NEWEST_FIRST),
        ({"sortOrder": "ASC"}, NEWEST_FIRST[::-1]),
        ({"sortOrder": "anything"}, NEWEST_FIRST[::-1]),
        ({"sortField": "TIMESTAMP"}, NEWEST_FIRST),
        ({"take": 2}, ["b3", "a2"]),
        ({"take": 2, "skip": 1}, ["a2", "a1"]),
        ({"take": 0}, []),
        ({"take": -1}, []),
        ({"skip": -1}, []),
        ({"skip": 9}, []),
        ({"start": "2026-01-01T00:00:01"}, ["b3", "a2"]),
        ({"start": "2026-01-01T00:00:00.999Z"}, NEWEST_FIRST),
        ({"end": "1767225603000"}, ["a2", "a1"]),
        ({"end": "Thu, 01 Jan 2026 00:00:02 GMT"}, ["a1"]),
        ({"start": "2026-01-01T00:00:02", "end": "2026-01-01T00:00:02"}, []),
        ({"start": "", "end": ""}, NEWEST_FIRST),
        ({"end": "9999-12-31T23:59:59.999", "start": "0001-01-01"}, NEWEST_FIRST),
        ({"start": "9999-12-31T23:59:59.999"}, []),  # Nothing is later.
        ({"end": "0001-01-01"}, []),  # Nothing is earlier.
    ],
)
def test_what_is_listed_and_how(
    bob_rest: Rest, path: str, name: str, query: dict[str, Any], found: list[str]
) -> None:
    assert listed(bob_rest, path, name, **query) == found


@both
@pytest.mark.usefixtures("_three")
def test_lists_by_name(bob_rest: Rest, path: str, name: str) -> None:
    assert listed(bob_rest, path, name, **{name: "a"}) == ["a2", "a1"]
    assert listed(bob_rest, path, name, **{name: ""}) == NEWEST_FIRST
    assert listed(bob_rest, path, name, sortField=name, sortOrder="x") == ["a1", "a2", "b3"]
    assert sorted(listed(bob_rest, path, name, sortField="x")) == sorted(NEWEST_FIRST)


@pytest.mark.usefixtures("_three")
@pytest.mark.parametrize(
    ("status", "found"), [("done", ["b3"]), ("Done", ["a1"]), ("", NEWEST_FIRST)]
)
def test_a_status_is_exact(bob_rest: Rest, status: str, found: list[str]) -> None:
    assert listed(bob_rest, COMMANDS, "command", status=status) == found


@both
@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"start": "yesterday"}, UNPARSEABLE),
        ({"end": "2026-13-01"}, UNPARSEABLE),
        ({"start": "9" * 30}, UNPARSEABLE),
        ({"end": "0000-01-01"}, UNPARSEABLE),
        ({"take": "x"}, INVALID),
        ({"take": "9999999999"}, INVALID),
        ({"skip": "1.5"}, INVALID),
    ],
)
def test_what_lists_refuse(
    bob_rest: Rest, device: Device, path: str, name: str, query: dict[str, Any], answer: Any
) -> None:
    assert bob_rest.get(path, **query) == answer


# --- Notifications -----------------------------------------------------------------------------


def test_an_inserted_notification_is_answered_by_id_and_time(
    bob_rest: Rest, device: Device
) -> None:
    status, answer = bob_rest.post(NOTIFICATIONS, {"notification": "on", "parameters": {"a": 1}})
    stored = Notification.objects.get()
    created = {"id": stored.number, "timestamp": timestamp_text(stored.timestamp)}
    assert (status, answer) == (201, created)
    whole = created | {
        "notification": "on",
        "deviceId": "bobs-lamp",
        "networkId": device.network_id,
        "deviceTypeId": device.device_type_id,
        "parameters": {"a": 1},
    }
    assert bob_rest.get(f"{NOTIFICATIONS}/{stored.number}") == (200, whole)
    assert bob_rest.get(NOTIFICATIONS) == (200, [whole])


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (None, NO_BODY),
        ({}, INVALID),
        ({"notification": None}, INVALID),
        ({"notification": "on", "parameters": "x"}, NOT_AN_OBJECT),
        ({"notification": "$device-add"}, RESERVED),
    ],
)
def test_a_notification_that_is_none_is_refused(
    bob_rest: Rest, device: Device, body: Any, answer: Any
) -> None:
    assert bob_rest.post(NOTIFICATIONS, body) == answer
    assert not Notification.objects.exists()


def test_a_name_is_judged_before_the_device_is_looked_for(
    alice_rest: Rest, charlie_rest: Rest, as_alice: Connection, device: Device
) -> None:
    body = {"notification": "$device-update"}
    assert alice_rest.post("device/nothing/notification", body) == RESERVED
    assert charlie_rest.post("device/nothing/notification", body) == FORBIDDEN
    assert charlie_rest.post(NOTIFICATIONS, body) == FORBIDDEN
    frame = as_alice.ask("notification/insert", deviceId="nothing", notification=body)
    assert frame["error"] == "Device with such deviceId = nothing not found"


def test_notifications_of_devices_that_are_not_reached(
    alice_rest: Rest, charlie_rest: Rest, device: Device
) -> None:
    unknown = refused(404, "Device with such deviceId = nothing not found")
    for path in "device/nothing/notification", "device/nothing/notification/5":
        assert alice_rest.get(path) == unknown
        assert charlie_rest.get(path) == FORBIDDEN
    assert charlie_rest.get(NOTIFICATIONS) == FORBIDDEN
    assert charlie_rest.post(NOTIFICATIONS, {"notification": "on"}) == FORBIDDEN


def test_an_unknown_notification(bob_rest: Rest, device: Device) -> None:
    assert bob_rest.get(f"{NOTIFICATIONS}/5") == refused(404, "Requested notification not found")


def test_the_list_begins_with_the_creation_of_the_device(bob_rest: Rest) -> None:
    bob_rest.put("device/lamp-1", {"name": "Lamp"})
    _, (created,) = bob_rest.get("device/lamp-1/notification")
    assert (created["notification"], created["parameters"]["id"]) == ("$device-add", "lamp-1")
