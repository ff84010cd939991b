"""command/subscribe and notification/subscribe: who may listen to what (protocol, 6.2)."""

from typing import Any

import pytest

from devices.models import Device, DeviceType, Network, User
from tests.conftest import Connection, connected, refused, success

UNKNOWN = 999_999

pytestmark = pytest.mark.usefixtures("live")
both_kinds = pytest.mark.parametrize("action", ["command/subscribe", "notification/subscribe"])


def forbidden(action: str) -> dict[str, Any]:
    return refused(action, 403, "Access is denied")


def no_access(action: str) -> dict[str, Any]:
    return refused(action, 403, "No access to any device type or network")


def malformed(action: str) -> dict[str, Any]:
    return refused(action, 400, "Malformed Json received.")


def networks_not_found(action: str, ids: str) -> dict[str, Any]:
    return refused(action, 404, f"Networks with such networkIds wasn't found: {{[{ids}]}}")


def types_not_found(action: str, ids: str) -> dict[str, Any]:
    return refused(action, 404, f"Device types with such deviceTypeIds wasn't found: {{[{ids}]}}")


def subscribes(connection: Connection, action: str, **members: Any) -> bool:
    """Whether it may; the whole answer is then a subscription id, a number."""
    answer = connection.ask(action, **members)
    if answer["status"] == "success":
        assert answer == success(action, subscriptionId=answer["subscriptionId"])
        assert isinstance(answer["subscriptionId"], int)
        return True
    return False


# --- What is answered ------------------------------------------------------------------------


@both_kinds
def test_each_call_makes_a_subscription_of_its_own(as_bob: Connection, action: str) -> None:
    ids = [as_bob.ask(action)["subscriptionId"] for _ in range(3)]
    assert len(set(ids)) == 3


def test_ids_are_numbers_that_any_client_can_hold(as_bob: Connection) -> None:
    first = as_bob.ask("command/subscribe")["subscriptionId"]
    second = as_bob.ask("notification/subscribe")["subscriptionId"]
    assert 0 < first < second < 2**53


def test_an_id_is_written_in_digits(as_bob: Connection) -> None:
    answer = as_bob.text('{"action":"command/subscribe"}')
    _, _, id_ = answer.removesuffix("}").partition('"subscriptionId":')
    assert id_.isdigit()


# --- 1: the gate -----------------------------------------------------------------------------


@both_kinds
def test_anonymous_may_not(anonymous: Connection, device: Device, action: str) -> None:
    for members in {}, {"deviceId": device.id}, {"networkIds": "x"}:
        assert anonymous.ask(action, **members) == refused(action, 401, "Unauthorized")


def test_the_permission_is_needed(bob: User, device: Device) -> None:
    assert connected(bob, a=(4,)).ask("command/subscribe") == forbidden("command/subscribe")
    answer = connected(bob, a=(5,)).ask("notification/subscribe", names=5)
    assert answer == forbidden("notification/subscribe")


@both_kinds
def test_charlie_may_not(
    as_charlie: Connection, network: Network, device: Device, action: str
) -> None:
    assert as_charlie.ask(action, deviceId=device.id) == forbidden(action)
    assert as_charlie.ask(action, networkIds=[network.id]) == forbidden(action)
    assert as_charlie.ask(action) == no_access(action)


@both_kinds
def test_charlie_reaches_nothing_with_a_token_for_everything(
    charlie: User, network: Network, device: Device, action: str
) -> None:
    everything = connected(charlie, n=("*",), dt=("*",))
    assert everything.ask(action, deviceId=device.id) == forbidden(action)
    assert everything.ask(action, networkIds=[network.id]) == forbidden(action)


@both_kinds
def test_a_limited_token_limits_an_administrator(alice: User, device: Device, action: str) -> None:
    assert connected(alice, n=("1",)).ask(action, deviceId=device.id) == forbidden(action)
    own = connected(alice, n=(str(device.network_id),))
    assert subscribes(own, action, deviceId=device.id)


@both_kinds
@pytest.mark.parametrize("device_id", ["nothing", "", "BOBS-LAMP"])
def test_an_unknown_device_to_a_client(
    as_bob: Connection, device: Device, action: str, device_id: str
) -> None:
    assert as_bob.ask(action, deviceId=device_id) == forbidden(action)
    assert as_bob.ask(action, deviceId=device_id, networkIds=5) == forbidden(action)


# --- 2: types --------------------------------------------------------------------------------


@both_kinds
@pytest.mark.parametrize(
    "members",
    [
        {"networkIds": 1},
        {"networkIds": "1"},
        {"networkIds": ["x"]},
        {"networkIds": [1.5]},
        {"networkIds": [None]},
        {"deviceTypeIds": {}},
        {"deviceTypeIds": [2**63]},
        {"names": "on"},
        {"names": [[]]},
        {"names": ["a\0b"]},
        {"timestamp": "2018-01-01 00:00:00"},
        {"timestamp": []},
        {"deviceId": []},
    ],
)
def test_members_of_other_types_are_malformed(
    as_bob: Connection, action: str, members: dict[str, Any]
) -> None:
    assert as_bob.ask(action, **members) == malformed(action)


@pytest.mark.parametrize("members", [{"limit": "x"}, {"limit": 1.5}, {"returnUpdatedCommands": 1}])
def test_members_for_commands_are_typed_for_commands_only(
    as_bob: Connection, members: dict[str, Any]
) -> None:
    assert as_bob.ask("command/subscribe", **members) == malformed("command/subscribe")
    assert subscribes(as_bob, "notification/subscribe", **members)


def test_a_negative_limit_is_refused(as_bob: Connection) -> None:
    answer = as_bob.ask("command/subscribe", limit=-1)
    assert answer == refused("command/subscribe", 400, "Invalid request parameters")
    assert subscribes(as_bob, "command/subscribe", limit=0)


@both_kinds
def test_types_come_before_what_they_name(as_alice: Connection, action: str) -> None:
    assert as_alice.ask(action, networkIds=[UNKNOWN], names=5) == malformed(action)


@both_kinds
@pytest.mark.parametrize(
    "members",
    [
        {"networkIds": None, "deviceTypeIds": None, "names": None, "timestamp": None},
        {"networkIds": [], "deviceTypeIds": [], "names": [], "timestamp": ""},
        {"deviceId": None, "deviceIds": ["nothing"], "waitTimeout": "30"},
        {"networkId": UNKNOWN, "deviceTypeId": UNKNOWN},
    ],
)
def test_what_is_absent_or_unknown(
    as_bob: Connection, action: str, members: dict[str, Any]
) -> None:
    assert subscribes(as_bob, action, **members)


# --- 3 and 4: networks and types ---------------------------------------------------------------


@both_kinds
def test_networks_that_are_not_there(as_alice: Connection, as_bob: Connection, action: str) -> None:
    ids = [UNKNOWN, 1, str(UNKNOWN)]
    assert as_alice.ask(action, networkIds=ids) == networks_not_found(action, f"1, {UNKNOWN}")
    assert as_bob.ask(action, networkIds=ids) == forbidden(action)


@both_kinds
def test_types_that_are_not_there(as_alice: Connection, as_bob: Connection, action: str) -> None:
    ids = [UNKNOWN, 2, 1, 2]
    assert as_alice.ask(action, deviceTypeIds=ids) == types_not_found(action, f"1, 2, {UNKNOWN}")
    assert as_bob.ask(action, deviceTypeIds=ids) == forbidden(action)


@both_kinds
def test_networks_come_before_types(as_alice: Connection, action: str) -> None:
    answer = as_alice.ask(action, networkIds=[UNKNOWN], deviceTypeIds=[UNKNOWN])
    assert answer == networks_not_found(action, f"{UNKNOWN}")


@both_kinds
def test_one_of_several_networks_is_not_visible(
    as_bob: Connection, network: Network, action: str
) -> None:
    assert as_bob.ask(action, networkIds=[network.id, 1]) == forbidden(action)
    assert subscribes(as_bob, action, networkIds=[network.id, str(network.id)])


@both_kinds
def test_a_network_beyond_the_token(alice: User, network: Network, action: str) -> None:
    limited = connected(alice, n=("1",))
    answer = limited.ask(action, networkIds=[network.id])
    assert answer == networks_not_found(action, f"{network.id}")
    assert subscribes(limited, action, networkIds=[1])


@both_kinds
def test_a_type_that_is_not_assigned(bob: User, device_type: DeviceType, action: str) -> None:
    bob.all_device_types_available = False
    bob.save()
    bob.device_types.add(device_type)
    limited = connected(bob)
    assert limited.ask(action, deviceTypeIds=[1]) == forbidden(action)
    assert subscribes(limited, action, deviceTypeIds=[device_type.id])


@both_kinds
def test_many_networks_are_named_in_the_refusal(as_alice: Connection, action: str) -> None:
    answer = as_alice.ask(action, networkIds=list(range(1_000)))
    assert (answer["code"], answer["error"][:60]) == (
        404,
        "Networks with such networkIds wasn't found: {[0, 1, 2, 3, 4,",
    )


# --- 5: any network, any type ------------------------------------------------------------------


@both_kinds
@pytest.mark.parametrize("n", [None, ()])
def test_a_token_without_networks_reaches_nothing(
    alice: User, bob: User, network: Network, action: str, n: Any
) -> None:
    assert connected(alice, n=n).ask(action) == no_access(action)
    assert connected(bob, n=n).ask(action, deviceTypeIds=[1]) == no_access(action)


@both_kinds
def test_a_token_without_types(bob: User, network: Network, action: str) -> None:
    bob.all_device_types_available = False
    bob.save()
    for dt in None, ():
        limited = connected(bob, dt=dt)
        assert limited.ask(action, networkIds=[network.id]) == no_access(action)


# --- 6 and 7: the device -----------------------------------------------------------------------


@both_kinds
def test_an_empty_device_id(as_alice: Connection, action: str) -> None:
    required = refused(action, 400, "Device id is wrong or empty")
    assert as_alice.ask(action, deviceId="") == required
    answer = as_alice.ask(action, deviceId="", networkIds=[UNKNOWN])
    assert answer == networks_not_found(action, f"{UNKNOWN}")


@both_kinds
def test_an_unknown_device_to_an_administrator(as_alice: Connection, action: str) -> None:
    text = "Device with such deviceId = nothing not found"
    assert as_alice.ask(action, deviceId="nothing") == refused(action, 404, text)
    answer = as_alice.ask(action, deviceId="nothing", deviceTypeIds=[UNKNOWN])
    assert answer == types_not_found(action, f"{UNKNOWN}")


@both_kinds
def test_networks_are_checked_beside_a_device(
    as_bob: Connection, network: Network, device: Device, action: str
) -> None:
    assert as_bob.ask(action, deviceId=device.id, networkIds=[1]) == forbidden(action)
    assert subscribes(as_bob, action, deviceId=device.id, networkIds=[network.id])


@both_kinds
def test_what_was_refused_does_not_listen(
    as_charlie: Connection, device: Device, action: str
) -> None:
    as_charlie.ask(action, deviceId=device.id)
    assert not as_charlie.caller.subscriptions
