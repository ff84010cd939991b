"""Which subscriptions get an event: scopes, names, pushes (protocol, 6.1, 6.3, 6.6, 5.4.5)."""

import json
from typing import Any

import pytest

from devices.models import Device, DeviceType, Network, Notification, User
from devices.services import bulk, networks
from devices.services.standing import unlimited
from tests.conftest import Connection, connected, refused, success

pytestmark = pytest.mark.usefixtures("live")


@pytest.fixture
def other_network(bob: User) -> Network:
    """Another network of bob's."""
    network = Network.objects.create(name="bob's other network")
    bob.networks.add(network)
    return network


@pytest.fixture
def away(as_alice: Connection) -> str:
    """A device in network 1, which is alice's."""
    as_alice.ask("device/save", deviceId="away", device={"name": "Away", "networkId": 1})
    return "away"


def subscribe(connection: Connection, **members: Any) -> int:
    answer = connection.ask("notification/subscribe", **members)
    assert answer["status"] == "success", answer
    id_: int = answer["subscriptionId"]
    return id_


def notify(connection: Connection, device_id: str, name: str = "on", **members: Any) -> Any:
    told = {"notification": name} | members
    answer = connection.ask("notification/insert", deviceId=device_id, notification=told)
    assert answer["status"] == "success", answer
    return answer["notification"]


def command(connection: Connection, device_id: str, name: str = "dim", **members: Any) -> Any:
    sent = {"command": name} | members
    answer = connection.ask("command/insert", deviceId=device_id, command=sent)
    assert answer["status"] == "success", answer
    return answer["command"]


def heard(connection: Connection) -> list[str]:
    """Names of the notifications and commands pushed since this was last asked."""
    bodies = [push.get("notification") or push["command"] for push in connection.pushed()]
    return [body.get("notification") or body["command"] for body in bodies]


# --- The pushes (6.1) ----------------------------------------------------------------------


def test_the_push_of_a_notification(as_bob: Connection, device: Device) -> None:
    id_ = subscribe(as_bob, deviceId=device.id)
    created = notify(as_bob, device.id, parameters={"a": [1.0, None]})
    assert as_bob.pushed() == [
        {
            "action": "notification/insert",
            "notification": created
            | {
                "notification": "on",
                "deviceId": device.id,
                "networkId": device.network_id,
                "deviceTypeId": device.device_type_id,
                "parameters": {"a": [1.0, None]},
            },
            "subscriptionId": id_,
        }
    ]


def test_the_push_of_a_command(as_bob: Connection, bob: User, device: Device) -> None:
    id_ = as_bob.ask("command/subscribe", deviceId=device.id)["subscriptionId"]
    created = command(as_bob, device.id, lifetime=5)
    assert as_bob.pushed() == [
        {
            "action": "command/insert",
            "command": created
            | {
                "command": "dim",
                "deviceId": device.id,
                "networkId": device.network_id,
                "deviceTypeId": device.device_type_id,
                "parameters": None,
                "lifetime": 5,
                "status": None,
                "result": None,
            },
            "subscriptionId": id_,
        }
    ]


def test_the_push_of_an_update(as_bob: Connection, device: Device) -> None:
    answer = as_bob.ask("command/subscribe", deviceId=device.id, returnUpdatedCommands=True)
    number = command(as_bob, device.id)["id"]
    ids = {"deviceId": device.id, "commandId": number}
    as_bob.ask("command/update", **ids, command={"status": "done"})
    whole = as_bob.ask("command/get", **ids)["command"]
    assert whole["status"] == "done"
    assert as_bob.pushed() == [
        {
            "action": "command/update",
            "command": whole,
            "subscriptionId": answer["subscriptionId"],
        }
    ]


def test_inserts_or_updates_never_both(as_bob: Connection, device: Device) -> None:
    as_bob.ask("command/subscribe", returnUpdatedCommands="false")
    number = command(as_bob, device.id)["id"]
    as_bob.ask("command/update", deviceId=device.id, commandId=number, command={})
    assert [push["action"] for push in as_bob.pushed()] == ["command/insert"]


def test_an_update_that_changes_nothing_is_told_each_time(
    as_bob: Connection, device: Device
) -> None:
    as_bob.ask("command/subscribe", returnUpdatedCommands=True)
    number = command(as_bob, device.id)["id"]
    for _ in range(2):
        as_bob.ask("command/update", deviceId=device.id, commandId=number, command={})
    assert [push["action"] for push in as_bob.pushed()] == ["command/update"] * 2


def test_each_subscription_gets_a_push_of_its_own(as_bob: Connection, device: Device) -> None:
    ids = [subscribe(as_bob), subscribe(as_bob, deviceId=device.id), subscribe(as_bob)]
    notify(as_bob, device.id)
    assert sorted(push["subscriptionId"] for push in as_bob.pushed()) == sorted(ids)


def test_every_connection_that_listens_hears_a_notification(
    as_alice: Connection, as_bob: Connection, device: Device
) -> None:
    subscribe(as_alice)
    subscribe(as_bob)
    notify(as_alice, device.id)
    assert heard(as_alice) == heard(as_bob) == ["on"]


def test_who_has_not_subscribed_hears_nothing(as_bob: Connection, device: Device) -> None:
    notify(as_bob, device.id)
    command(as_bob, device.id)
    assert as_bob.pushed() == []


def test_the_kinds_are_apart(as_bob: Connection, device: Device) -> None:
    subscribe(as_bob)
    command(as_bob, device.id)
    assert heard(as_bob) == []


def test_what_is_refused_is_not_told(as_alice: Connection, as_bob: Connection, away: str) -> None:
    subscribe(as_alice)
    as_bob.ask("notification/insert", deviceId=away, notification={"notification": "on"})
    as_alice.ask("notification/insert", deviceId=away, notification={"notification": "$device-add"})
    assert heard(as_alice) == []


def test_a_closed_connection_hears_nothing(as_bob: Connection, device: Device) -> None:
    subscribe(as_bob)
    as_bob.caller.close()
    notify(as_bob, device.id)
    assert heard(as_bob) == []


# --- Names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["on"], ["on"]),
        (["on", "off", "on"], ["on", "off"]),
        (["ON"], ["ON"]),
        (["5"], ["5"]),
        ([5], ["5"]),
        (["o%", "", "$device-update"], []),
        ([], ["on", "off", "ON", "5"]),
        (None, ["on", "off", "ON", "5"]),
    ],
)
def test_names_in_every_scope(
    as_bob: Connection, network: Network, device: Device, names: Any, found: list[str]
) -> None:
    for scope in {}, {"deviceId": device.id}, {"networkIds": [network.id]}:
        id_ = subscribe(as_bob, names=names, **scope)
        for name in "on", "off", "ON", "5":
            notify(as_bob, device.id, name)
        assert heard(as_bob) == found
        as_bob.ask("notification/unsubscribe", subscriptionId=id_)


def test_only_commands_with_the_names_are_heard(as_bob: Connection, device: Device) -> None:
    as_bob.ask("command/subscribe", names=["dim"])
    command(as_bob, device.id, "dim")
    command(as_bob, device.id, "dimmer")
    assert heard(as_bob) == ["dim"]


# --- Device scope ----------------------------------------------------------------------------


def test_a_subscription_to_a_device_hears_of_no_other(
    as_alice: Connection, device: Device, away: str
) -> None:
    subscribe(as_alice, deviceId=device.id)
    for device_id in device.id, away:
        notify(as_alice, device_id, device_id)
    assert heard(as_alice) == [device.id]


def test_networks_and_types_beside_a_device_do_not_limit(
    as_alice: Connection, device: Device
) -> None:
    subscribe(as_alice, deviceId=device.id, networkIds=[1], deviceTypeIds=[1])
    notify(as_alice, device.id)
    assert heard(as_alice) == ["on"]


def test_a_device_that_moves_within_sight(
    as_bob: Connection, device: Device, other_network: Network, bob: User
) -> None:
    as_bob = connected(bob)
    subscribe(as_bob, deviceId=device.id)
    as_bob.ask("device/save", deviceId=device.id, device={"networkId": other_network.id})
    notify(as_bob, device.id)
    assert heard(as_bob) == ["on"]


@pytest.mark.parametrize("claims", [{}, {"n": ("*",)}])
def test_a_device_that_moves_out_of_sight(
    as_alice: Connection, bob: User, device: Device, claims: dict[str, Any]
) -> None:
    as_bob = connected(bob, **claims)
    subscribe(as_bob, deviceId=device.id)
    as_alice.ask("device/save", deviceId=device.id, device={"networkId": 1})
    notify(as_alice, device.id)
    assert heard(as_bob) == []


def test_a_device_whose_type_is_out_of_sight(
    as_alice: Connection, bob: User, device: Device
) -> None:
    bob.all_device_types_available = False
    bob.save()
    bob.device_types.set([1, device.device_type_id])
    as_bob = connected(bob, dt=(str(device.device_type_id),))
    subscribe(as_bob, deviceId=device.id)
    as_alice.ask("device/save", deviceId=device.id, device={"deviceTypeId": 1})
    notify(as_alice, device.id)
    assert heard(as_bob) == []


def test_an_administrator_follows_a_device_anywhere(as_alice: Connection, device: Device) -> None:
    subscribe(as_alice, deviceId=device.id)
    as_alice.ask("device/save", deviceId=device.id, device={"networkId": 1})
    notify(as_alice, device.id)
    assert heard(as_alice) == ["on"]


# --- A device that is deleted (6.6) ------------------------------------------------------------


def delete_by_frame(as_alice: Connection, device: Device) -> None:
    as_alice.ask("device/delete", deviceId=device.id)


def delete_with_its_network(as_alice: Connection, device: Device) -> None:
    as_alice.ask("network/delete", networkId=device.network_id, force=True)


def delete_with_its_type(as_alice: Connection, device: Device) -> None:
    as_alice.ask("devicetype/delete", deviceTypeId=device.device_type_id, force=True)


def delete_in_the_admin(as_alice: Connection, device: Device) -> None:
    alice = User.objects.get(login="alice")
    bulk.delete(unlimited(alice), Device.objects.filter(id=device.id))


def delete_networks_in_the_admin(as_alice: Connection, device: Device) -> None:
    networks.delete_with_devices(Network.objects.filter(id=device.network_id))


@pytest.mark.parametrize(
    "delete",
    [
        delete_by_frame,
        delete_with_its_network,
        delete_with_its_type,
        delete_in_the_admin,
        delete_networks_in_the_admin,
    ],
)
def test_a_device_that_is_saved_again_is_another(
    as_alice: Connection, device: Device, delete: Any
) -> None:
    subscribe(as_alice, deviceId=device.id)
    delete(as_alice, device)
    as_alice.ask("device/save", deviceId=device.id, device={"name": "Another", "networkId": 1})
    notify(as_alice, device.id)
    assert heard(as_alice) == []


def test_it_is_heard_in_other_scopes(as_alice: Connection, device: Device) -> None:
    as_alice.ask("device/save", deviceId=device.id, device={"networkId": 1})
    subscribe(as_alice)
    subscribe(as_alice, networkIds=[1])
    as_alice.ask("device/delete", deviceId=device.id)
    as_alice.ask("device/save", deviceId=device.id, device={"name": "Another", "networkId": 1})
    notify(as_alice, device.id)
    assert heard(as_alice) == ["$device-add", "on", "on"]


def test_its_subscription_is_listed_and_ended_as_before(as_bob: Connection, device: Device) -> None:
    id_ = subscribe(as_bob, deviceId=device.id)
    as_bob.ask("device/delete", deviceId=device.id)
    (listed,) = as_bob.ask("subscription/list")["subscriptions"]
    assert (listed["subscriptionId"], listed["deviceId"]) == (id_, device.id)
    assert as_bob.ask("notification/unsubscribe", subscriptionId=id_)["status"] == "success"


def test_the_new_one_is_heard_by_a_new_subscription(as_bob: Connection, device: Device) -> None:
    as_bob.ask("device/delete", deviceId=device.id)
    as_bob.ask("device/save", deviceId=device.id, device={"name": "Another"})
    subscribe(as_bob, deviceId=device.id)
    notify(as_bob, device.id)
    assert heard(as_bob) == ["on"]


def test_what_the_old_one_left_is_not_shown_as_its_own(
    as_bob: Connection, as_alice: Connection, device: Device
) -> None:
    told, sent = notify(as_bob, device.id), command(as_bob, device.id)
    as_bob.ask("device/delete", deviceId=device.id)
    as_alice.ask("device/save", deviceId=device.id, device={"name": "Another", "networkId": 1})
    ids = {"deviceId": device.id, "commandId": sent["id"], "notificationId": told["id"]}
    answers = [
        as_alice.ask(action, **ids)
        for action in ("notification/get", "command/get", "command/update")
    ]
    assert [answer["code"] for answer in answers] == [404] * 3
    assert as_alice.ask("command/list", **ids)["commands"] == []
    (added,) = as_alice.ask("notification/list", **ids)["notifications"]
    assert added["notification"] == "$device-add"


# --- Set scope -------------------------------------------------------------------------------


def test_a_subscription_to_networks_hears_of_their_devices(
    as_alice: Connection, network: Network, device: Device, away: str
) -> None:
    subscribe(as_alice, networkIds=[network.id])
    for device_id in device.id, away:
        notify(as_alice, device_id, device_id)
    assert heard(as_alice) == [device.id]


def test_all_of_several_networks_are_heard(
    as_alice: Connection, network: Network, device: Device, away: str
) -> None:
    subscribe(as_alice, networkIds=[network.id, 1])
    for device_id in device.id, away:
        notify(as_alice, device_id, device_id)
    assert heard(as_alice) == [device.id, away]


def test_a_subscription_to_types_hears_of_their_devices(
    as_alice: Connection, device_type: DeviceType, device: Device, away: str
) -> None:
    subscribe(as_alice, deviceTypeIds=[device_type.id])
    for device_id in device.id, away:
        notify(as_alice, device_id, device_id)
    assert heard(as_alice) == [device.id]


def test_networks_and_types_must_both_match(
    as_alice: Connection, network: Network, device_type: DeviceType, device: Device
) -> None:
    subscribe(as_alice, networkIds=[network.id], deviceTypeIds=[1])
    notify(as_alice, device.id)
    assert heard(as_alice) == []
    as_alice.ask("device/save", deviceId=device.id, device={"deviceTypeId": 1})
    notify(as_alice, device.id)
    assert heard(as_alice) == ["on"]


def test_a_client_without_filters_hears_the_networks_of_its_token(
    as_alice: Connection, as_bob: Connection, device: Device, away: str
) -> None:
    subscribe(as_bob)
    for device_id in device.id, away:
        notify(as_alice, device_id, device_id)
    assert heard(as_bob) == [device.id]


def test_it_stays_what_it_was_when_memberships_change(
    as_alice: Connection, as_bob: Connection, bob: User, device: Device, away: str
) -> None:
    subscribe(as_bob)
    bob.networks.set([1])
    for device_id in device.id, away:
        notify(as_alice, device_id, device_id)
    assert heard(as_bob) == [device.id]


def test_the_types_of_a_token_limit_networks(
    as_alice: Connection, bob: User, network: Network, device: Device
) -> None:
    bob.all_device_types_available = False
    bob.save()
    as_bob = connected(bob, dt=("1",))
    subscribe(as_bob, networkIds=[network.id])
    notify(as_alice, device.id)
    assert heard(as_bob) == []


def test_devices_types_and_networks_that_come_later(as_alice: Connection, bob: User) -> None:
    subscribe(as_alice, deviceTypeIds=[1])
    number = as_alice.ask("network/insert", network={"name": "Later"})["network"]["id"]
    new = {"name": "New", "networkId": number, "deviceTypeId": 1}
    as_alice.ask("device/save", deviceId="new", device=new)
    notify(as_alice, "new")
    assert heard(as_alice) == ["on"]


def test_a_device_that_moves_into_the_network(
    as_alice: Connection, as_bob: Connection, network: Network, away: str
) -> None:
    subscribe(as_bob)
    as_alice.ask("device/save", deviceId=away, device={"networkId": network.id})
    notify(as_alice, away)
    assert heard(as_bob) == ["on"]


# --- Without any limit -------------------------------------------------------------------------


def test_a_subscription_without_limits_hears_of_all_devices(
    as_alice: Connection, device: Device, away: str
) -> None:
    subscribe(as_alice)
    as_alice.ask("command/subscribe")
    for device_id in device.id, away:
        notify(as_alice, device_id, device_id)
    command(as_alice, away)
    assert heard(as_alice) == [device.id, away, "dim"]


def test_the_plural_of_an_older_protocol_is_ignored(as_alice: Connection, device: Device) -> None:
    subscribe(as_alice, deviceIds=["nothing"])
    notify(as_alice, device.id)
    assert heard(as_alice) == ["on"]


# --- What saves tell (5.4.5, R-13) -------------------------------------------------------------


def test_a_save_is_told_to_whom_nothing_limits(as_alice: Connection, as_bob: Connection) -> None:
    subscribe(as_alice)
    as_bob.ask("device/save", deviceId="new", device={"name": "New", "data": {"a": 1}})
    as_bob.ask("device/save", deviceId="new", device={"name": "Newer"})
    added, updated = (push["notification"] for push in as_alice.pushed())
    assert [added["notification"], updated["notification"]] == ["$device-add", "$device-update"]
    assert (added["deviceId"], added["networkId"], added["deviceTypeId"]) == ("new", None, None)
    assert added["parameters"]["data"] == {"a": 1}
    assert updated["parameters"] == as_bob.ask("device/get", deviceId="new")["device"]


def test_a_save_that_changes_nothing_is_neither_told_nor_stored(
    as_alice: Connection, device: Device
) -> None:
    subscribe(as_alice)
    saved = {"data": json.loads(device.data or "")}
    answer = as_alice.ask("device/save", deviceId=device.id, device=saved)
    assert answer == success("device/save")
    assert heard(as_alice) == []
    assert not Notification.objects.exists()


def test_a_save_of_the_same_data_in_another_text_is_told(
    as_alice: Connection, device: Device
) -> None:
    subscribe(as_alice)
    as_alice.text(
        '{"action": "device/save", "deviceId": "bobs-lamp", "device": {"data": {"on":true}}}'
    )
    assert heard(as_alice) == ["$device-update"]


def test_names_limit_what_saves_tell(as_alice: Connection) -> None:
    subscribe(as_alice, names=["$device-update"])
    for name in "New", "Newer":
        as_alice.ask("device/save", deviceId="new", device={"name": name})
    assert heard(as_alice) == ["$device-update"]


@pytest.mark.parametrize(
    "scope", [{"deviceId": "bobs-lamp"}, {"networkIds": [1]}, {"deviceTypeIds": [1]}]
)
def test_a_save_is_not_told_in_any_other_scope(
    as_alice: Connection, device: Device, scope: dict[str, Any]
) -> None:
    subscribe(as_alice, **scope)
    moved = {"networkId": 1, "deviceTypeId": 1}
    for _ in range(2):
        as_alice.ask("device/save", deviceId=device.id, device=moved)
    assert heard(as_alice) == []


def test_a_save_is_not_told_to_a_token_with_limits(
    alice: User, as_bob: Connection, network: Network
) -> None:
    limited = connected(alice, n=(str(network.id),))
    subscribe(limited)
    subscribe(as_bob)
    as_bob.ask("device/save", deviceId="new", device={"name": "New"})
    assert heard(limited) == heard(as_bob) == []


def test_a_refused_save_is_not_told(as_alice: Connection) -> None:
    subscribe(as_alice)
    as_alice.ask("device/save", deviceId="new", device={})
    assert heard(as_alice) == []


def test_a_deletion_is_not_told(as_alice: Connection, device: Device) -> None:
    subscribe(as_alice)
    as_alice.ask("device/delete", deviceId=device.id)
    as_alice.ask("network/delete", networkId=device.network_id)
    assert heard(as_alice) == []


# --- Other principals (6.6) ---------------------------------------------------------------------


def test_another_principal_does_not_change_what_is_heard(
    as_bob: Connection, charlie: User, device: Device, as_alice: Connection
) -> None:
    subscribe(as_bob)
    token = connected(charlie).caller
    as_bob.caller.principal = token.principal
    notify(as_alice, device.id)
    assert heard(as_bob) == ["on"]


def test_a_failed_authentication_changes_nothing(as_bob: Connection, device: Device) -> None:
    subscribe(as_bob)
    answer = as_bob.ask("authenticate", token="no token")
    assert answer == refused("authenticate", 401, "Invalid credentials")
    notify(as_bob, device.id)
    assert heard(as_bob) == ["on"]
