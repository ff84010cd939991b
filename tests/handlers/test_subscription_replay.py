"""Messages stored since a timestamp come before live ones (protocol, 6.2 and 6.5)."""

import json
from typing import Any

import pytest

from devices.models import Device, DeviceType, Network, User
from devices.schemas.notification import NotificationBody
from devices.services import notifications
from devices.services.notifications import NotificationInsert
from devices.services.standing import unlimited
from tests.conftest import Connection, connected

pytestmark = pytest.mark.usefixtures("live")

SINCE = "2026-01-01T00:00:02"


def stored_at(second: int) -> str:
    return f"2026-01-01T00:00:{second:02}.000"


def notify(connection: Connection, device_id: str, name: str, second: int) -> None:
    told = {"notification": name, "timestamp": stored_at(second)}
    answer = connection.ask("notification/insert", deviceId=device_id, notification=told)
    assert answer["status"] == "success", answer


def command(connection: Connection, device_id: str, name: str, second: int) -> int:
    sent = {"command": name, "timestamp": stored_at(second)}
    answer = connection.ask("command/insert", deviceId=device_id, command=sent)
    number: int = answer["command"]["id"]
    return number


def update(connection: Connection, device_id: str, number: int, status: str) -> None:
    changed = {"status": status}
    connection.ask("command/update", deviceId=device_id, commandId=number, command=changed)


@pytest.fixture
def four(as_alice: Connection, device: Device) -> None:
    """Notifications of bob's lamp and of a device in network 1, in no order."""
    as_alice.ask("device/save", deviceId="away", device={"name": "Away", "networkId": 1})
    notify(as_alice, "bobs-lamp", "c", 3)
    notify(as_alice, "bobs-lamp", "b", 2)
    notify(as_alice, "bobs-lamp", "a", 1)
    notify(as_alice, "away", "x", 4)


def replayed(connection: Connection, **members: Any) -> list[str]:
    """Subscribe, and the names that are pushed at once."""
    connection.pushed()
    answer = connection.ask("notification/subscribe", **members)
    assert answer["status"] == "success", answer
    pushes = connection.pushed()
    assert {push["action"] for push in pushes} <= {"notification/insert"}
    assert {push["subscriptionId"] for push in pushes} <= {answer["subscriptionId"]}
    return [push["notification"]["notification"] for push in pushes]


def replayed_commands(connection: Connection, **members: Any) -> list[dict[str, Any]]:
    connection.pushed()
    answer = connection.ask("command/subscribe", **members)
    assert answer["status"] == "success", answer
    return connection.pushed()


# --- What is replayed ------------------------------------------------------------------------


@pytest.mark.parametrize("timestamp", [None, ""])
def test_none_without_a_timestamp(as_alice: Connection, four: None, timestamp: Any) -> None:
    assert replayed(as_alice, timestamp=timestamp) == []


@pytest.mark.parametrize(
    ("timestamp", "found"),
    [
        ("2026-01-01T00:00:02", ["b", "c"]),
        ("2026-01-01T00:00:02.000Z", ["b", "c"]),
        ("2026-01-01T00:00:02.001", ["c"]),
        (1767225601999, ["b", "c"]),
        ("1970-01-01", ["a", "b", "c"]),
        ("2026-01-02", []),
    ],
)
def test_from_the_timestamp_on_in_order(
    as_bob: Connection, four: None, timestamp: Any, found: list[str]
) -> None:
    assert replayed(as_bob, deviceId="bobs-lamp", timestamp=timestamp) == found


def test_the_whole_notification(as_bob: Connection, four: None) -> None:
    as_bob.ask("notification/subscribe", deviceId="bobs-lamp", timestamp=stored_at(3))
    (push,) = as_bob.pushed()
    listed = as_bob.ask("notification/list", deviceId="bobs-lamp", notification="c")
    assert [push["notification"]] == listed["notifications"]


def test_in_the_order_of_insertion_at_one_moment(as_bob: Connection, device: Device) -> None:
    for name in "b", "a", "c":
        notify(as_bob, device.id, name, 2)
    assert replayed(as_bob, timestamp=SINCE) == ["b", "a", "c"]


def test_networks_are_replayed(as_alice: Connection, four: None, network: Network) -> None:
    assert replayed(as_alice, networkIds=[network.id], timestamp=SINCE) == ["b", "c"]
    assert replayed(as_alice, networkIds=[1, network.id], timestamp=SINCE) == ["b", "c", "x"]


def test_types_are_replayed(as_alice: Connection, four: None, device_type: DeviceType) -> None:
    assert replayed(as_alice, deviceTypeIds=[1], timestamp=SINCE) == ["x"]
    assert replayed(as_alice, deviceTypeIds=[device_type.id], timestamp=SINCE) == ["b", "c"]


def test_networks_and_types_must_both_match_in_a_replay(
    as_alice: Connection, four: None, network: Network
) -> None:
    scope = {"networkIds": [network.id], "deviceTypeIds": [1]}
    assert replayed(as_alice, **scope, timestamp=SINCE) == []


def test_all_that_the_caller_can_see_is_replayed(
    as_alice: Connection, as_bob: Connection, four: None
) -> None:
    assert replayed(as_alice, timestamp=SINCE) == ["b", "c", "x"]
    assert replayed(as_bob, timestamp=SINCE) == ["b", "c"]


def test_charlie_is_told_nothing(as_charlie: Connection, charlie: User, four: None) -> None:
    charlie.networks.add(Network.objects.create(name="charlie's"))
    assert replayed(connected(charlie), timestamp=0) == []


@pytest.mark.parametrize("scope", [{}, {"deviceId": "new"}, {"networkIds": [1]}])
def test_what_saves_told_is_never_replayed(as_alice: Connection, scope: dict[str, Any]) -> None:
    for name in "New", "Newer":
        as_alice.ask("device/save", deviceId="new", device={"name": name, "networkId": 1})
    assert replayed(as_alice, timestamp=0, **scope) == []


def test_where_the_device_was_then_counts_and_where_it_is_now(
    as_alice: Connection, as_bob: Connection, four: None
) -> None:
    assert replayed(as_bob, timestamp=SINCE) == ["b", "c"]
    as_alice.ask("device/save", deviceId="bobs-lamp", device={"networkId": 1})
    assert replayed(as_bob, timestamp=SINCE) == []
    assert replayed(as_alice, networkIds=[1], timestamp=SINCE) == ["x"]


def test_a_client_is_not_told_what_happened_out_of_its_sight(
    as_alice: Connection, as_bob: Connection, network: Network, four: None
) -> None:
    as_alice.ask("device/save", deviceId="away", device={"networkId": network.id})
    assert replayed(as_bob, deviceId="away", timestamp=SINCE) == []
    assert replayed(as_alice, deviceId="away", timestamp=SINCE) == ["x"]


def test_a_device_that_was_deleted_left_nothing_to_its_successor(
    as_bob: Connection, four: None
) -> None:
    as_bob.ask("device/delete", deviceId="bobs-lamp")
    as_bob.ask("device/save", deviceId="bobs-lamp", device={"name": "Another"})
    assert replayed(as_bob, deviceId="bobs-lamp", timestamp=0) == []


@pytest.mark.parametrize("another", [False, True], ids=["none instead", "another of the id"])
def test_nothing_is_told_of_a_device_that_was_deleted(
    as_alice: Connection,
    as_bob: Connection,
    four: None,
    network: Network,
    device_type: DeviceType,
    another: bool,
) -> None:
    command(as_bob, "bobs-lamp", "gone", 3)
    as_bob.ask("device/delete", deviceId="bobs-lamp")
    if another:
        as_bob.ask("device/save", deviceId="bobs-lamp", device={"name": "Another"})
    assert replayed(as_bob, timestamp=SINCE) == []
    assert replayed(as_alice, timestamp=SINCE) == ["x"]
    assert replayed(as_alice, networkIds=[network.id], timestamp=SINCE) == []
    assert replayed(as_alice, deviceTypeIds=[device_type.id], timestamp=SINCE) == []
    for updated in False, True:
        scope = {"returnUpdatedCommands": updated, "timestamp": SINCE}
        assert replayed_commands(as_alice, **scope) == []
        assert replayed_commands(as_bob, networkIds=[network.id], **scope) == []


@pytest.mark.parametrize(
    ("names", "found"),
    [(["c"], ["c"]), (["c", "b", "b"], ["b", "c"]), (["C"], []), ([], ["b", "c"])],
)
def test_only_the_names_asked_for_are_replayed(
    as_bob: Connection, four: None, names: list[str], found: list[str]
) -> None:
    assert replayed(as_bob, timestamp=SINCE, names=names) == found


def test_the_oldest_hundred(as_bob: Connection, bob: User, device: Device) -> None:
    notifications.insert_many(
        [
            NotificationInsert(
                principal=unlimited(bob),
                device_id=device.id,
                body=NotificationBody(notification=str(number)),
            )
            for number in range(101)
        ]
    )
    assert replayed(as_bob, timestamp=0) == [*map(str, range(100))]
    assert replayed(as_bob, timestamp=0, limit=1) == [*map(str, range(100))]


# --- Commands ----------------------------------------------------------------------------------


def test_commands_are_replayed(as_bob: Connection, device: Device) -> None:
    number = command(as_bob, device.id, "dim", 2)
    (push,) = replayed_commands(as_bob, timestamp=SINCE)
    whole = as_bob.ask("command/get", deviceId=device.id, commandId=number)["command"]
    assert push == {
        "action": "command/insert",
        "command": whole,
        "subscriptionId": push["subscriptionId"],
    }


@pytest.mark.parametrize(
    ("members", "count"),
    [
        ({}, 20),
        ({"limit": None}, 20),
        ({"limit": 3}, 3),
        ({"limit": "21"}, 21),
        ({"limit": 99}, 21),
        ({"limit": 0}, 0),
    ],
)
def test_the_oldest_up_to_the_limit(
    as_bob: Connection, device: Device, members: dict[str, Any], count: int
) -> None:
    for number in reversed(range(21)):
        command(as_bob, device.id, str(number), number)
    pushes = replayed_commands(as_bob, timestamp=0, **members)
    assert [push["command"]["command"] for push in pushes] == [*map(str, range(count))]


def test_updated_commands_by_the_time_they_were_sent(as_bob: Connection, device: Device) -> None:
    numbers = [command(as_bob, device.id, "dim", second) for second in (1, 2, 3)]
    for number in numbers[:2]:
        update(as_bob, device.id, number, "done")
    pushes = replayed_commands(as_bob, timestamp=SINCE, returnUpdatedCommands=True)
    told = [(push["action"], push["command"]["id"], push["command"]["status"]) for push in pushes]
    assert told == [("command/update", numbers[1], "done")]


def test_updated_commands_are_inserted_ones_too(as_bob: Connection, device: Device) -> None:
    update(as_bob, device.id, command(as_bob, device.id, "dim", 2), "done")
    (push,) = replayed_commands(as_bob, timestamp=SINCE)
    assert (push["action"], push["command"]["status"]) == ("command/insert", "done")


# --- Then what is live ---------------------------------------------------------------------------


def actions_sent(connection: Connection) -> list[str]:
    """Of all that was sent, answers too: the name of a notification, or the action."""
    frames = [json.loads(text) for text in connection.sent]
    connection.sent.clear()
    told = [frame.get("notification", {}).get("notification") for frame in frames]
    return [name or frame["action"] for name, frame in zip(told, frames, strict=True)]


def test_the_answer_comes_first(as_bob: Connection, as_alice: Connection, four: None) -> None:
    as_bob.sent.clear()
    as_bob.ask("notification/subscribe", timestamp=SINCE)
    notify(as_alice, "bobs-lamp", "live", 0)
    assert actions_sent(as_bob) == ["notification/subscribe", "b", "c", "live"]
