"""command/list (protocol, 5.5.4, with 7.1, 7.3 and 7.4)."""

from typing import Any

import pytest
from pytest_django import Settings

from devices.models import Command, Device, User
from tests.conftest import Connection, connected, refused, success

FORBIDDEN = refused("command/list", 403, "Access is denied")
INVALID = refused("command/list", 400, "Invalid request parameters")
MALFORMED = refused("command/list", 400, "Malformed Json received.")

STORED = [("b", "new", 3), ("a", None, 1), ("B", "Done", 2), ("a", "done", 2), ("ä", "", 4)]
"""Name, status and second of the timestamp, in the order of insertion."""
BY_TIME = ["a1", "B2", "a2", "b3", "ä4"]


@pytest.fixture
def five(as_bob: Connection, device: Device) -> None:
    """Five commands for bob's lamp, in no order."""
    for name, status, second in STORED:
        command = {"command": name, "status": status, "timestamp": f"2026-01-01T00:00:0{second}"}
        as_bob.ask("command/insert", deviceId=device.id, command=command)


def listed(connection: Connection, **members: Any) -> list[str]:
    """The commands as name and second."""
    answer = connection.ask("command/list", deviceId="bobs-lamp", **members)
    assert answer["status"] == "success", answer
    return [each["command"] + each["timestamp"][18] for each in answer["commands"]]


# --- What is listed --------------------------------------------------------------------------


def test_the_whole_commands(as_bob: Connection, bob: User, device: Device) -> None:
    command = {"command": "dim", "parameters": {"to": 5}, "timestamp": 1514764800000}
    number = as_bob.ask("command/insert", deviceId=device.id, command=command)["command"]["id"]
    whole = as_bob.ask("command/get", deviceId=device.id, commandId=number)["command"]
    answer = as_bob.ask("command/list", deviceId=device.id)
    assert answer == success("command/list", commands=[whole])


def test_a_device_without_commands_has_an_empty_list(as_bob: Connection, device: Device) -> None:
    assert as_bob.ask("command/list", deviceId=device.id) == success("command/list", commands=[])


def test_only_those_of_the_device(as_bob: Connection, five: None) -> None:
    as_bob.ask("device/save", deviceId="other", device={"name": "Other"})
    answer = as_bob.ask("command/list", deviceId="other", deviceIds=["bobs-lamp"])
    assert answer["commands"] == []


def test_the_oldest_come_first(as_bob: Connection, five: None) -> None:
    assert listed(as_bob) == BY_TIME
    assert listed(as_bob, sortOrder="DESC") == BY_TIME


# --- Filters ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"start": "2026-01-01T00:00:02"}, BY_TIME[1:]),
        ({"start": "2026-01-01T00:00:02.001"}, BY_TIME[3:]),
        ({"end": "2026-01-01T00:00:02.000Z"}, BY_TIME[:3]),
        ({"end": "2026-01-01T00:00:01.999"}, BY_TIME[:1]),
        ({"start": 1767225602000, "end": "1767225603000"}, BY_TIME[1:4]),
        ({"start": "2026-01-01T00:00:03", "end": "2026-01-01T00:00:03"}, ["b3"]),
        ({"start": "2026-01-01T00:00:03", "end": "2026-01-01T00:00:01"}, []),
        ({"start": "", "end": None}, BY_TIME),
        ({"start": "2026-01-02"}, []),
    ],
)
def test_times_are_inclusive(
    as_bob: Connection, five: None, members: dict[str, Any], found: list[str]
) -> None:
    assert listed(as_bob, **members) == found


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"command": "a"}, ["a1", "a2"]),
        ({"command": "A"}, []),
        ({"command": ""}, []),
        ({"command": None}, BY_TIME),
        ({"names": ["b", "B"]}, ["B2", "b3"]),
        ({"names": ["a", "a"]}, ["a1", "a2"]),
        ({"names": ["ä"], "command": "a"}, ["ä4"]),
        ({"names": [], "command": "a"}, ["a1", "a2"]),
        ({"names": [], "command": None}, BY_TIME),
        ({"names": ["a%", 'x"', "\\", "{}", ""]}, []),
    ],
)
def test_commands_are_found_by_their_names(
    as_bob: Connection, five: None, members: dict[str, Any], found: list[str]
) -> None:
    assert listed(as_bob, **members) == found


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("done", ["B2", "a2"]),
        ("DONE", ["B2", "a2"]),
        ("don_", []),
        ("d%", []),
        ("new", ["b3"]),
        ("", BY_TIME),
        ("  ", BY_TIME),
        (None, BY_TIME),
        ("x" * 60_000, []),
    ],
    ids=lambda value: value[:9] if isinstance(value, str) else "",
)
def test_a_status_in_any_case(
    as_bob: Connection, five: None, status: str | None, found: list[str]
) -> None:
    assert listed(as_bob, status=status) == found


def test_a_status_beyond_ascii_is_as_it_is(as_bob: Connection, device: Device) -> None:
    command = {"command": "a", "status": "ÄA", "timestamp": 0}
    as_bob.ask("command/insert", deviceId=device.id, command=command)
    assert listed(as_bob, status="Äa") == ["a0"]
    assert listed(as_bob, status="äa") == []


def test_commands_are_found_by_one_of_many_names(as_bob: Connection, five: None) -> None:
    assert listed(as_bob, names=[*map(str, range(999)), "a"]) == ["a1", "a2"]


# --- Order -----------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["timestamp", "TimeStamp"])
def test_commands_are_sorted_by_their_timestamps(
    as_bob: Connection, five: None, field: str
) -> None:
    assert listed(as_bob, sortField=field, sortOrder="ASC") == BY_TIME
    assert listed(as_bob, sortField=field, sortOrder="desc") == BY_TIME[::-1]


def test_by_name_in_the_order_of_code_points(as_bob: Connection, five: None) -> None:
    in_order = ["B2", "a1", "a2", "b3", "ä4"]
    assert listed(as_bob, sortField="command", sortOrder="asc") == in_order
    assert listed(as_bob, sortField="COMMAND", sortOrder="Desc") == in_order[::-1]


def test_by_status_none_is_as_empty(as_bob: Connection, five: None) -> None:
    in_order = ["a1", "ä4", "B2", "a2", "b3"]
    assert listed(as_bob, sortField="status", sortOrder="asc") == in_order
    assert listed(as_bob, sortField="Status", sortOrder="DESC") == in_order[::-1]


def test_downwards_unless_something_else_is_said(as_bob: Connection, five: None) -> None:
    assert listed(as_bob, sortField="timestamp") == BY_TIME[::-1]
    assert listed(as_bob, sortField="timestamp", sortOrder="sideways") == BY_TIME
    assert listed(as_bob, sortField="timestamp", sortOrder="") == BY_TIME


@pytest.mark.parametrize("field", ["id", "lastUpdated", "", "command "])
def test_an_unknown_field_does_not_sort(as_bob: Connection, five: None, field: str) -> None:
    assert listed(as_bob, sortField=field, sortOrder="DESC") == BY_TIME


# --- Pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"take": 2}, BY_TIME[:2]),
        ({"take": "2", "skip": "1"}, BY_TIME[1:3]),
        ({"skip": 4}, BY_TIME[4:]),
        ({"skip": 5}, []),
        ({"take": 0}, []),
        ({"take": 2**31 - 1, "skip": None}, BY_TIME),
        ({"take": 1, "sortField": "timestamp"}, BY_TIME[-1:]),
        ({"take": 1, "skip": 1, "command": "a"}, ["a2"]),
    ],
)
def test_a_page_is_cut_from_what_is_found_and_sorted(
    as_bob: Connection, five: None, members: dict[str, Any], found: list[str]
) -> None:
    assert listed(as_bob, **members) == found


def test_a_hundred_unless_the_setting_says_otherwise(
    as_bob: Connection, device: Device, settings: Settings
) -> None:
    sample = Command(command="a", device_id=device.id, generation=device.generation, user_id=1)
    sample.timestamp = sample.last_updated = sample.stored_at = "2026-01-01T00:00:00Z"
    for number in range(101):
        sample.pk, sample.number = None, number
        sample.save(force_insert=True)
    assert len(listed(as_bob)) == 100
    settings.MESSAGE_LIST_TAKE = 3
    assert len(listed(as_bob)) == 3
    assert len(listed(as_bob, take=101)) == 101


@pytest.mark.parametrize("members", [{"take": -1}, {"skip": -1}])
def test_negative_pages_are_refused(
    as_bob: Connection, device: Device, members: dict[str, int]
) -> None:
    assert as_bob.ask("command/list", deviceId=device.id, **members) == INVALID


# --- Checks, in their order ------------------------------------------------------------------


def test_anonymous_may_not(anonymous: Connection, device: Device) -> None:
    answer = anonymous.ask("command/list", deviceId=device.id)
    assert answer == refused("command/list", 401, "Unauthorized")


def test_the_permission_is_needed(bob: User, device: Device) -> None:
    assert connected(bob, a=(4,)).ask("command/list", deviceId=device.id) == FORBIDDEN


def test_charlie_may_not(as_charlie: Connection, five: None) -> None:
    assert as_charlie.ask("command/list", deviceId="bobs-lamp") == FORBIDDEN
    assert as_charlie.ask("command/list", deviceId="bobs-lamp", take=-1, start=[]) == FORBIDDEN


def test_charlie_reaches_nothing_with_a_token_for_everything(charlie: User, five: None) -> None:
    everything = connected(charlie, n=("*",), dt=("*",))
    text = "Device with such deviceId = bobs-lamp not found"
    answer = everything.ask("command/list", deviceId="bobs-lamp")
    assert answer == refused("command/list", 404, text)


def test_another_device_may_not_be_slipped_in(as_charlie: Connection, five: None) -> None:
    answer = as_charlie.ask("command/list", deviceIds=["bobs-lamp"])
    assert answer == refused("command/list", 400, "Device id is wrong or empty")


def test_a_limited_token_limits_an_administrator(alice: User, device: Device, five: None) -> None:
    answer = connected(alice, n=("1",)).ask("command/list", deviceId=device.id)
    assert answer == FORBIDDEN
    assert listed(connected(alice, n=(str(device.network_id),))) == BY_TIME


@pytest.mark.parametrize("n", [None, ()])
def test_a_token_without_networks_reaches_nothing(bob: User, device: Device, n: Any) -> None:
    assert connected(bob, n=n).ask("command/list", deviceId=device.id) == FORBIDDEN


@pytest.mark.parametrize(
    "members",
    [
        {"start": "2026-01-01 00:00:00"},
        {"end": True},
        {"names": "a"},
        {"names": [[]]},
        {"names": {}},
        {"take": 1.5},
        {"take": 2**31},
        {"skip": "x"},
        {"status": []},
        {"sortField": {}},
    ],
)
def test_members_of_other_types_are_malformed(
    as_bob: Connection, device: Device, members: dict[str, Any]
) -> None:
    assert as_bob.ask("command/list", deviceId=device.id, **members) == MALFORMED
    assert as_bob.ask("command/list", **members) == MALFORMED


@pytest.mark.parametrize("members", [{}, {"deviceId": None}, {"take": -1}])
def test_a_device_id_is_required(as_bob: Connection, members: dict[str, Any]) -> None:
    answer = as_bob.ask("command/list", **members)
    assert answer == refused("command/list", 400, "Device id is wrong or empty")


@pytest.mark.parametrize("device_id", ["nothing", ""])
def test_an_unknown_device_is_refused(
    as_alice: Connection, as_bob: Connection, device_id: str
) -> None:
    text = f"Device with such deviceId = {device_id} not found"
    answer = as_alice.ask("command/list", deviceId=device_id, take=-1)
    assert answer == refused("command/list", 404, text)
    assert as_bob.ask("command/list", deviceId=device_id) == FORBIDDEN
