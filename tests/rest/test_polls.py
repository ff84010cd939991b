"""What polls find and refuse at once (REST 3.1 to 3.5); how they wait is in tests/faults."""

from typing import Any

import pytest

from devices.models import Device, Network, User
from tests.rest.client import DONE, FORBIDDEN, INVALID, Rest, refused, rest
from tests.rest.test_messages import COMMANDS, NOTIFICATIONS, inserted

BEFORE = "2026-01-01T00:00:00"
AT_ONCE = {"waitTimeout": 0}
EMPTY: tuple[int, list[object]] = (200, [])
PATHS = ["device/command/poll", f"{COMMANDS}/poll", "device/notification/poll"]
PATHS += [f"{NOTIFICATIONS}/poll"]
every_path = pytest.mark.parametrize("path", PATHS)


@pytest.fixture
def three(bob_rest: Rest, device: Device) -> dict[str, list[dict[str, Any]]]:
    """Commands and notifications at seconds 1, 2 and 3, by the last part of their paths."""
    for second, name in (2, "b"), (1, "a"), (3, "b"):
        moment = f"2026-01-01T00:00:0{second}"
        inserted(bob_rest, command=name, timestamp=moment)
        inserted(bob_rest, NOTIFICATIONS, notification=name, timestamp=moment)
    return {path: bob_rest.get(path, sortOrder="ASC")[1] for path in (COMMANDS, NOTIFICATIONS)}


def stored(three: dict[str, list[dict[str, Any]]], path: str) -> list[dict[str, Any]]:
    return three[NOTIFICATIONS if "notification" in path else COMMANDS]


# --- What there is ------------------------------------------------------------------------------


@every_path
def test_what_came_since_is_found_the_oldest_first(
    bob_rest: Rest, three: dict[str, Any], path: str
) -> None:
    all_three = stored(three, path)
    assert bob_rest.get(path, timestamp=BEFORE) == (200, all_three)
    assert bob_rest.get(path, timestamp=all_three[0]["timestamp"]) == (200, all_three[1:])
    assert bob_rest.get(path, timestamp=all_three[2]["timestamp"], **AT_ONCE) == EMPTY
    assert bob_rest.get(path, **AT_ONCE) == EMPTY
    assert bob_rest.get(path, timestamp="", **AT_ONCE) == EMPTY


@every_path
def test_a_limit_keeps_the_oldest_and_0_is_all(
    bob_rest: Rest, three: dict[str, Any], path: str
) -> None:
    all_three = stored(three, path)
    assert bob_rest.get(path, timestamp=BEFORE, limit=2) == (200, all_three[:2])
    assert bob_rest.get(path, timestamp=BEFORE, limit=0, **AT_ONCE) == (200, all_three)


def test_a_hundred_are_found_without_a_limit(bob_rest: Rest, device: Device) -> None:
    for _ in range(101):
        inserted(bob_rest, NOTIFICATIONS)
    path = f"{NOTIFICATIONS}/poll"
    assert len(bob_rest.get(path, timestamp=BEFORE)[1]) == 100
    assert len(bob_rest.get(path, timestamp=BEFORE, limit=0)[1]) == 101


@every_path
@pytest.mark.parametrize(("names", "found"), [("a", [0]), ("b,a,b", [0, 1, 2]), ("", [0, 1, 2])])
def test_names_are_separated_by_commas(
    bob_rest: Rest, three: dict[str, Any], path: str, names: str, found: list[int]
) -> None:
    expected = [stored(three, path)[index] for index in found]
    assert bob_rest.get(path, timestamp=BEFORE, names=names) == (200, expected)


def test_updates_are_found_by_when_they_happened(bob_rest: Rest, three: dict[str, Any]) -> None:
    first, second, third = three[COMMANDS]
    query: dict[str, Any] = {"returnUpdatedCommands": "True", **AT_ONCE}
    for path in "device/command/poll", f"{COMMANDS}/poll":
        assert bob_rest.get(path, timestamp=BEFORE, **query) == EMPTY
    for each in third, first:
        bob_rest.put(f"{COMMANDS}/{each['id']}", {"status": "done"})
    expected = [bob_rest.get(f"{COMMANDS}/{each['id']}")[1] for each in (third, first)]
    for path in "device/command/poll", f"{COMMANDS}/poll":
        assert bob_rest.get(path, timestamp=BEFORE, **query) == (200, expected)
        last = expected[-1]["lastUpdated"]
        assert bob_rest.get(path, timestamp=last, **query) == EMPTY
        assert bob_rest.get(path, timestamp=first["timestamp"], **AT_ONCE) == (
            200,
            [bob_rest.get(f"{COMMANDS}/{each['id']}")[1] for each in (second, third)],
        )


def test_nothing_of_a_deleted_device_is_found(bob_rest: Rest, three: dict[str, Any]) -> None:
    bob_rest.delete("device/bobs-lamp")
    for path in "device/command/poll", "device/notification/poll":
        assert bob_rest.get(path, timestamp=BEFORE, **AT_ONCE) == EMPTY


# --- Of which devices ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["command", "notification"])
def test_the_scope_of_a_poll(
    bob_rest: Rest,
    alice_rest: Rest,
    charlie_rest: Rest,
    network: Network,
    three: dict[str, Any],
    kind: str,
) -> None:
    path = f"device/{kind}/poll"
    found = (200, stored(three, path))
    query: dict[str, Any] = {"timestamp": BEFORE, **AT_ONCE}
    assert bob_rest.get(path, **query, deviceId="bobs-lamp") == found
    assert bob_rest.get(path, **query, deviceIds="nothing") == found
    assert bob_rest.get(path, **query, networkIds=f"{network.pk},{network.pk}") == found
    assert alice_rest.get(path, **query) == found
    assert charlie_rest.get(path, **query) == EMPTY
    assert alice_rest.get(path, **query, networkIds=1, deviceId="bobs-lamp") == found
    assert alice_rest.get(path, **query, networkIds=1) == EMPTY


@pytest.mark.parametrize("kind", ["command", "notification"])
def test_what_is_not_in_the_scope_is_refused(
    alice: User, alice_rest: Rest, bob_rest: Rest, network: Network, device: Device, kind: str
) -> None:
    path = f"device/{kind}/poll"
    networks = refused(404, "Networks with such networkIds wasn't found: {[1, 999999]}")
    types = refused(404, "Device types with such deviceTypeIds wasn't found: {[999999]}")
    unknown = refused(404, "Device with such deviceId = nothing not found")
    assert bob_rest.get(path, networkIds="1") == FORBIDDEN
    assert alice_rest.get(path, networkIds="999999,1") == networks
    assert bob_rest.get(path, deviceTypeIds="999999") == FORBIDDEN
    assert alice_rest.get(path, deviceTypeIds="999999") == types
    assert bob_rest.get(path, deviceId="nothing") == FORBIDDEN
    assert alice_rest.get(path, deviceId="nothing") == unknown
    assert alice_rest.get(f"device/nothing/{kind}/poll") == unknown
    assert bob_rest.get(f"device/nothing/{kind}/poll") == FORBIDDEN
    assert rest(alice, n=("1",)).get(path, deviceId=device.id) == FORBIDDEN
    assert bob_rest.get(path, deviceId="") == refused(400, "Device id is wrong or empty")


@pytest.mark.parametrize("claims", [{"n": None}, {"n": ()}])
def test_a_token_for_nothing_is_not_kept_waiting(bob: User, device: Device, claims: Any) -> None:
    for kind in "command", "notification":
        assert rest(bob, **claims).get(f"device/{kind}/poll") == EMPTY


@pytest.mark.parametrize("kind", ["command", "notification"])
def test_a_device_in_the_path_wins(bob_rest: Rest, three: dict[str, Any], kind: str) -> None:
    path = f"device/bobs-lamp/{kind}/poll"
    found = bob_rest.get(path, timestamp=BEFORE, deviceId="nothing")
    assert found == (200, stored(three, path))


# --- Parameters ------------------------------------------------------------------------------

NEGATIVE = "Timeout can't be less than 0 seconds. "
TOO_LONG = "Timeout can't be more than 60 seconds. "
LIMIT = "Limit can't be less than 0."


@every_path
@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"waitTimeout": -1}, refused(400, NEGATIVE)),
        ({"waitTimeout": 61}, refused(400, TOO_LONG)),
        ({"limit": -1}, refused(400, LIMIT)),
        ({"waitTimeout": -1, "limit": -1}, refused(400, NEGATIVE + LIMIT)),
        ({"waitTimeout": 61, "limit": -1}, refused(400, TOO_LONG + LIMIT)),
        ({"waitTimeout": "x"}, INVALID),
        ({"timestamp": "yesterday"}, refused(400, "Unparseable timestamp")),
    ],
)
def test_parameters_that_no_poll_has(
    bob_rest: Rest, device: Device, path: str, query: dict[str, Any], answer: Any
) -> None:
    assert bob_rest.get(path, **query) == answer


@pytest.mark.parametrize("member", ["networkIds", "deviceTypeIds"])
def test_ids_are_numbers(bob_rest: Rest, device: Device, member: str) -> None:
    for kind in "command", "notification":
        assert bob_rest.get(f"device/{kind}/poll", **{member: "1,x"}) == INVALID


# --- One command -----------------------------------------------------------------------------


def test_a_command_that_was_updated_is_there(bob_rest: Rest, device: Device) -> None:
    path = f"{COMMANDS}/{inserted(bob_rest)['id']}"
    assert bob_rest.get(f"{path}/poll", **AT_ONCE) == DONE
    bob_rest.put(path, {"status": "done"})
    updated = bob_rest.get(path)
    assert updated[1]["status"] == "done"
    assert bob_rest.get(f"{path}/poll") == bob_rest.get(f"{path}/poll", **AT_ONCE) == updated


def test_a_command_that_is_none_is_not_waited_for(
    alice_rest: Rest, bob_rest: Rest, charlie_rest: Rest, device: Device
) -> None:
    assert bob_rest.get(f"{COMMANDS}/5/poll") == DONE
    unknown = refused(404, "Device with such deviceId = nothing not found")
    assert alice_rest.get("device/nothing/command/5/poll") == unknown
    assert charlie_rest.get(f"{COMMANDS}/5/poll") == FORBIDDEN
    assert bob_rest.get(f"{COMMANDS}/5/poll", waitTimeout=61) == refused(400, TOO_LONG)
    assert bob_rest.get(f"{COMMANDS}/x/poll") == INVALID
