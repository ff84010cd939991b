"""subscription/list, command/unsubscribe and notification/unsubscribe (protocol, 5.7 and 6.4)."""

from typing import Any

import pytest

from devices.models import Device, Network, User
from tests.conftest import Connection, connected, refused, success

pytestmark = pytest.mark.usefixtures("live")
both_kinds = pytest.mark.parametrize("kind", ["command", "notification"])


def subscribe(connection: Connection, kind: str, **members: Any) -> int:
    answer = connection.ask(f"{kind}/subscribe", **members)
    assert answer["status"] == "success", answer
    id_: int = answer["subscriptionId"]
    return id_


def listed(connection: Connection, **members: Any) -> list[int]:
    """The ids of what is listed."""
    answer = connection.ask("subscription/list", **members)
    assert answer["status"] == "success", answer
    return [each["subscriptionId"] for each in answer["subscriptions"]]


def not_found(kind: str, id_: int) -> dict[str, Any]:
    text = f"Subscription with id {id_} was not found"
    return refused(f"{kind}/unsubscribe", 404, text)


# --- subscription/list -------------------------------------------------------------------------


def test_a_subscription_is_shown_as_it_was_requested(
    as_bob: Connection, network: Network, device: Device
) -> None:
    id_ = subscribe(
        as_bob,
        "command",
        deviceId=device.id,
        networkIds=[str(network.id), network.id],
        deviceTypeIds=[2, 1, 2],
        names=["b", "a", "b"],
        timestamp=1514764800000,
        returnUpdatedCommands=True,
        limit=5,
    )
    assert as_bob.ask("subscription/list") == success(
        "subscription/list",
        subscriptions=[
            {
                "subscriptionId": id_,
                "type": "command",
                "deviceId": device.id,
                "networkIds": [network.id],
                "deviceTypeIds": [1, 2],
                "names": ["a", "b"],
                "timestamp": "2018-01-01T00:00:00.000",
            }
        ],
    )


def test_what_was_not_requested_is_null(as_bob: Connection) -> None:
    id_ = subscribe(as_bob, "notification", names=None)
    assert as_bob.ask("subscription/list")["subscriptions"] == [
        {
            "subscriptionId": id_,
            "type": "notification",
            "deviceId": None,
            "networkIds": None,
            "deviceTypeIds": None,
            "names": None,
            "timestamp": None,
        }
    ]


def test_a_connection_without_subscriptions_has_an_empty_list(as_bob: Connection) -> None:
    assert as_bob.ask("subscription/list") == success("subscription/list", subscriptions=[])


def test_in_the_order_of_ids_and_by_type(as_bob: Connection) -> None:
    ids = [subscribe(as_bob, kind) for kind in ("notification", "command", "notification")]
    assert listed(as_bob) == listed(as_bob, type=None) == ids
    assert listed(as_bob, type="command") == ids[1:2]
    assert listed(as_bob, type="notification") == ids[::2]


@pytest.mark.parametrize("type_", ["", "Command", "device", 5])
def test_another_type_is_none(as_bob: Connection, type_: Any) -> None:
    subscribe(as_bob, "command")
    assert listed(as_bob, type=type_) == []


def test_only_those_of_this_connection(as_bob: Connection, bob: User) -> None:
    subscribe(as_bob, "command")
    assert listed(connected(bob)) == []


def test_only_what_the_principal_of_now_may_see(as_bob: Connection, bob: User) -> None:
    ids = [subscribe(as_bob, kind) for kind in ("command", "notification")]
    for permission, shown in (5, ids[:1]), (4, ids[1:]):
        as_bob.caller.principal = connected(bob, a=(permission,)).caller.principal
        assert listed(as_bob) == shown
    assert listed(as_bob, type="command") == []


def test_charlie_sees_none(as_bob: Connection, as_charlie: Connection) -> None:
    subscribe(as_bob, "command")
    assert as_charlie.ask("subscription/list") == success("subscription/list", subscriptions=[])


def test_one_of_two_permissions_is_needed(bob: User, anonymous: Connection) -> None:
    denied = refused("subscription/list", 403, "Access is denied")
    assert connected(bob, a=(2, 3, 6, 7, 8, 9)).ask("subscription/list") == denied
    unauthorized = refused("subscription/list", 401, "Unauthorized")
    assert anonymous.ask("subscription/list") == unauthorized


def test_a_type_is_a_text(as_bob: Connection) -> None:
    malformed = refused("subscription/list", 400, "Malformed Json received.")
    assert as_bob.ask("subscription/list", type=[]) == malformed


# --- Unsubscribing -----------------------------------------------------------------------------


def hears(connection: Connection, device: Device) -> list[int]:
    """The subscriptions that a command and a notification are pushed to."""
    connection.pushed()
    connection.ask("command/insert", deviceId=device.id, command={"command": "dim"})
    told = {"notification": "on"}
    connection.ask("notification/insert", deviceId=device.id, notification=told)
    return [push["subscriptionId"] for push in connection.pushed()]


@both_kinds
def test_one_subscription_is_ended_and_no_other(
    as_bob: Connection, device: Device, kind: str
) -> None:
    first, second = subscribe(as_bob, kind), subscribe(as_bob, kind)
    answer = as_bob.ask(f"{kind}/unsubscribe", subscriptionId=first)
    assert answer == success(f"{kind}/unsubscribe")
    assert hears(as_bob, device) == listed(as_bob) == [second]


@both_kinds
def test_an_id_may_be_digits(as_bob: Connection, device: Device, kind: str) -> None:
    id_ = subscribe(as_bob, kind)
    answer = as_bob.ask(f"{kind}/unsubscribe", subscriptionId=str(id_))
    assert answer == success(f"{kind}/unsubscribe")
    assert hears(as_bob, device) == []


@both_kinds
@pytest.mark.parametrize("members", [{}, {"subscriptionId": None}])
def test_all_of_a_kind(
    as_bob: Connection, device: Device, kind: str, members: dict[str, Any]
) -> None:
    ids = [subscribe(as_bob, each) for each in ("command", "notification") * 2]
    done = success(f"{kind}/unsubscribe")
    assert as_bob.ask(f"{kind}/unsubscribe", **members) == done
    rest = ids[1::2] if kind == "command" else ids[::2]
    assert hears(as_bob, device) == listed(as_bob) == rest
    assert as_bob.ask(f"{kind}/unsubscribe", **members) == done


@both_kinds
def test_one_that_has_ended(as_bob: Connection, kind: str) -> None:
    id_ = subscribe(as_bob, kind)
    as_bob.ask(f"{kind}/unsubscribe", subscriptionId=id_)
    assert as_bob.ask(f"{kind}/unsubscribe", subscriptionId=id_) == not_found(kind, id_)


def test_one_of_the_other_kind(as_bob: Connection, device: Device) -> None:
    id_ = subscribe(as_bob, "command")
    answer = as_bob.ask("notification/unsubscribe", subscriptionId=id_)
    assert answer == not_found("notification", id_)
    assert hears(as_bob, device) == [id_]


@both_kinds
def test_charlie_may_not_end_what_bob_listens_to(
    as_bob: Connection, as_charlie: Connection, device: Device, kind: str
) -> None:
    id_ = subscribe(as_bob, kind)
    answer = as_charlie.ask(f"{kind}/unsubscribe", subscriptionId=id_)
    assert answer == not_found(kind, id_)
    as_charlie.ask(f"{kind}/unsubscribe")
    assert hears(as_bob, device) == [id_]


@both_kinds
@pytest.mark.parametrize("id_", [0, -1, 2**63 - 1])
def test_an_unknown_id_is_not_found(as_bob: Connection, kind: str, id_: int) -> None:
    assert as_bob.ask(f"{kind}/unsubscribe", subscriptionId=id_) == not_found(kind, id_)


@both_kinds
@pytest.mark.parametrize("id_", ["x", "", 1.5, True, [], 2**63])
def test_a_subscription_id_of_another_type_is_malformed(
    as_bob: Connection, kind: str, id_: Any
) -> None:
    malformed = refused(f"{kind}/unsubscribe", 400, "Malformed Json received.")
    assert as_bob.ask(f"{kind}/unsubscribe", subscriptionId=id_) == malformed


@both_kinds
def test_anonymous_may_not(anonymous: Connection, kind: str) -> None:
    unauthorized = refused(f"{kind}/unsubscribe", 401, "Unauthorized")
    assert anonymous.ask(f"{kind}/unsubscribe", subscriptionId=1) == unauthorized


@pytest.mark.parametrize(("kind", "other"), [("command", 4), ("notification", 5)])
def test_the_permission_is_needed(bob: User, kind: str, other: int) -> None:
    denied = refused(f"{kind}/unsubscribe", 403, "Access is denied")
    assert connected(bob, a=(other,)).ask(f"{kind}/unsubscribe") == denied
