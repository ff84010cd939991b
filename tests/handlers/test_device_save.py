"""device/save, row by row of its tables (protocol, 5.4.5)."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection as database

from devicehive.protocol import actions
from devicehive.protocol.refusals import ProtocolRefusal
from devices.models import Device, DeviceType, Network, User
from tests.conftest import Connection, connected, refused, success
from tests.factories import DEVICE_MEMBERS

UNKNOWN = 999_999
MALFORMED = (400, "Malformed Json received.")
NO_OBJECT = (400, "'parameters' must be JSON Object!")
ID_REQUIRED = (400, "Device id is wrong or empty")
ID_CHARACTERS = (400, "Device Id can only contain letters, digits and dashes.")
ID_LENGTH = (400, "Field cannot be empty. The length of guid should not be more than 48 symbols.")
EMPTY = (400, "Device is empty")
INVALID = (400, "Invalid request parameters")
NAME_REQUIRED = (400, "name field cannot be null.")
NAME_LENGTH = (
    400,
    "Field cannot be empty. The length of name should not be more than 128 symbols.",
)
NO_NETWORK = (403, "No access to network!")
NO_TYPE = (403, "No access to device type!")
NO_DEVICE = (403, "No access to device")

LAMP = {
    "name": "Lamp",
    "data": '{"on": true}',
    "is_blocked": False,
}
"""What the fixture `device` holds, beside its network and type."""


def stored(device_id: str) -> Any:
    """All that is stored of a device, by column; None if there is no such device."""
    return Device.objects.filter(id=device_id).values(*DEVICE_MEMBERS).first()


def save(connection: Connection, device_id: object, **device: object) -> tuple[int, str] | None:
    """Save a device; None, or code and text of the refusal."""
    return answered(connection.ask("device/save", deviceId=device_id, device=device))


def answered(answer: dict[str, Any]) -> tuple[int, str] | None:
    """None for a success, or code and text; anything else in the answer is a failure."""
    if answer == success("device/save"):
        return None
    code, text = answer["code"], answer["error"]
    assert answer == refused("device/save", code, text)
    return code, text


@pytest.fixture
def second(bob: User) -> Network:
    """Another network of bob's, with a higher id; only tokens made later list it."""
    network = Network.objects.create(name="bob's other network")
    bob.networks.add(network)
    return network


@pytest.fixture
def foreign(db: None) -> Network:
    """A network that bob is not a member of."""
    return Network.objects.get(id=1)


@pytest.fixture
def as_limited(bob: User, device_type: DeviceType) -> Connection:
    """bob, when he may use one device type only."""
    bob.all_device_types_available = False
    bob.save()
    bob.device_types.add(device_type)
    return connected(bob)


# Creating


def test_a_new_device_with_a_name_only(as_bob: Connection, network: Network) -> None:
    assert save(as_bob, "lamp", name="Lamp") is None
    assert stored("lamp") == {
        "id": "lamp",
        "name": "Lamp",
        "data": None,
        "network_id": network.id,
        "device_type_id": 1,
        "is_blocked": False,
    }


def test_a_new_device_with_everything(
    second: Network, as_bob: Connection, device_type: DeviceType
) -> None:
    answer = save(
        as_bob,
        "lamp",
        name="Lamp",
        data={"on": True},
        networkId=second.id,
        deviceTypeId=device_type.id,
        isBlocked=True,
    )
    assert answer is None
    assert stored("lamp") == {
        "id": "lamp",
        "name": "Lamp",
        "data": '{"on": true}',
        "network_id": second.id,
        "device_type_id": device_type.id,
        "is_blocked": True,
    }


def test_null_is_absent_in_a_new_device(as_bob: Connection, network: Network) -> None:
    answer = save(
        as_bob,
        "lamp",
        name="Lamp",
        data=None,
        networkId=None,
        deviceTypeId=None,
        isBlocked=None,
    )
    assert answer is None
    assert stored("lamp") == {
        "id": "lamp",
        "name": "Lamp",
        "data": None,
        "network_id": network.id,
        "device_type_id": 1,
        "is_blocked": False,
    }


def test_other_members_are_ignored(as_bob: Connection) -> None:
    answer = save(
        as_bob, "lamp", name="Lamp", id="x", status=5, key=[], network={}, guid="x", deviceClass=1
    )
    assert answer is None
    assert stored("x") is None


def test_data_is_kept_as_it_was_sent(as_bob: Connection) -> None:
    data = '{"z":1,"a":{"n":null},"big":123456789012345678901234567890,"d":0.10,"e":1E5}'
    answer = as_bob.send(
        '{"action":"device/save","requestId":1,"deviceId":"lamp",'
        f'"device":{{"name":"Lamp","data":{data}}}}}'
    )
    assert answered(answer) is None
    assert stored("lamp")["data"] == data


def test_the_default_network_is_the_lowest_of_the_users(
    network: Network, second: Network, as_bob: Connection
) -> None:
    assert save(as_bob, "lamp", name="Lamp") is None
    assert stored("lamp")["network_id"] == network.id < second.id


def test_an_administrator_needs_a_membership_for_a_default_network(
    as_alice: Connection, alice: User
) -> None:
    assert save(as_alice, "lamp", name="Lamp") is None
    assert stored("lamp")["network_id"] == 1
    alice.networks.clear()
    assert save(as_alice, "other", name="Lamp") == NO_NETWORK


def test_an_administrator_saves_into_any_network(as_alice: Connection, network: Network) -> None:
    assert save(as_alice, "lamp", name="Lamp", networkId=network.id) is None
    assert stored("lamp")["network_id"] == network.id


def test_the_default_type_is_the_lowest_of_those_allowed(
    as_limited: Connection, bob: User, device_type: DeviceType
) -> None:
    bob.device_types.add(DeviceType.objects.create(name="Later"))
    assert save(as_limited, "lamp", name="Lamp") is None
    assert stored("lamp")["device_type_id"] == device_type.id


def test_a_deleted_id_is_a_new_device(as_bob: Connection, device: Device) -> None:
    as_bob.ask("device/delete", deviceId=device.id)
    assert save(as_bob, device.id) == NAME_REQUIRED
    assert save(as_bob, device.id, name="Lamp") is None
    assert stored(device.id)["data"] is None


@pytest.mark.parametrize("name", ["x", "x" * 128, " ", "ü" * 128, "😀" * 128, "a\nb", "'\";--"])
def test_a_name_is_any_text_of_1_to_128_characters(as_bob: Connection, name: str) -> None:
    assert save(as_bob, "lamp", name=name) is None
    assert stored("lamp")["name"] == name


@pytest.mark.parametrize(
    ("name", "text"), [(5, "5"), (1.5, "1.5"), (True, "true"), (10**30, str(10**30))]
)
def test_a_primitive_is_a_name(as_bob: Connection, name: object, text: str) -> None:
    assert save(as_bob, "lamp", name=name) is None
    assert stored("lamp")["name"] == text


@pytest.mark.parametrize(
    "device_id", ["x", "-", "0", "A-z-9", "x" * 48, "e50d6085-2aba-48e9-b1c3-73c673e414bf"]
)
def test_an_id_is_letters_digits_and_dashes(as_bob: Connection, device_id: str) -> None:
    assert save(as_bob, device_id, name="Lamp") is None
    assert stored(device_id)["name"] == "Lamp"


def test_a_number_is_an_id(as_bob: Connection) -> None:
    assert save(as_bob, 999999, name="Lamp") is None
    assert stored("999999")["name"] == "Lamp"


def test_case_counts_in_an_id(as_bob: Connection) -> None:
    save(as_bob, "lamp", name="small")
    save(as_bob, "LAMP", name="capital")
    assert (stored("lamp")["name"], stored("LAMP")["name"]) == ("small", "capital")


def test_numbers_may_be_strings_of_digits(second: Network, as_bob: Connection) -> None:
    answer = save(
        as_bob, "lamp", name="Lamp", networkId=str(second.id), deviceTypeId="2", isBlocked="TRUE"
    )
    assert answer is None
    assert (stored("lamp")["network_id"], stored("lamp")["device_type_id"]) == (second.id, 2)
    assert stored("lamp")["is_blocked"] is True


# Updating


def test_an_empty_update_clears_data_and_keeps_the_rest(as_bob: Connection, device: Device) -> None:
    before = stored(device.id)
    assert save(as_bob, device.id) is None
    assert stored(device.id) == before | {"data": None}


def test_null_is_absent_in_an_update(as_bob: Connection, device: Device) -> None:
    before = stored(device.id)
    answer = save(
        as_bob,
        device.id,
        name=None,
        data=None,
        networkId=None,
        deviceTypeId=None,
        isBlocked=None,
    )
    assert answer is None
    assert stored(device.id) == before | {"data": None}


@pytest.mark.parametrize(
    ("member", "value", "column", "becomes"),
    [
        ("name", "Sun", "name", "Sun"),
        ("data", {"off": 1}, "data", '{"off": 1}'),
        ("data", {}, "data", "{}"),
        ("isBlocked", True, "is_blocked", True),
        ("deviceTypeId", 2, "device_type_id", 2),
    ],
)
def test_a_given_member_is_replaced(
    as_bob: Connection, device: Device, member: str, value: object, column: str, becomes: object
) -> None:
    before = stored(device.id)
    assert save(as_bob, device.id, **{member: value}) is None
    assert stored(device.id) == before | {"data": None} | {column: becomes}


def test_a_device_moves_to_another_network(
    second: Network, as_bob: Connection, device: Device
) -> None:
    before = stored(device.id)
    assert save(as_bob, device.id, networkId=second.id) is None
    assert stored(device.id) == before | {"data": None, "network_id": second.id}


def test_a_blocked_device_stays_blocked_and_can_be_saved(
    as_bob: Connection, device: Device
) -> None:
    save(as_bob, device.id, isBlocked=True)
    assert save(as_bob, device.id, name="Sun") is None
    assert stored(device.id)["is_blocked"] is True
    assert save(as_bob, device.id, isBlocked=False) is None
    assert stored(device.id)["is_blocked"] is False


def test_an_update_needs_no_default_network(
    as_alice: Connection, alice: User, device: Device
) -> None:
    alice.networks.clear()
    assert save(as_alice, device.id, name="Sun") is None
    assert stored(device.id)["name"] == "Sun"


def test_an_update_needs_no_default_type(bob: User, device: Device) -> None:
    bob.all_device_types_available = False
    bob.save()
    bob.device_types.add(device.device_type_id)
    assert save(connected(bob, dt=None), device.id, name="Sun") is None
    assert stored(device.id)["name"] == "Sun"


# Checks


def test_charlie_may_not_create(as_charlie: Connection, network: Network) -> None:
    assert save(as_charlie, "lamp", name="Lamp") == NO_NETWORK
    assert save(as_charlie, "lamp", name="Lamp", networkId=network.id) == NO_NETWORK
    assert stored("lamp") is None


def test_charlie_may_not_update(as_charlie: Connection, device: Device) -> None:
    before = stored(device.id)
    assert save(as_charlie, device.id, name="Mine") == NO_DEVICE
    assert stored(device.id) == before


def test_anonymous_may_not(anonymous: Connection) -> None:
    assert save(anonymous, "lamp", name="Lamp") == (401, "Unauthorized")


@pytest.mark.parametrize("a", [(1,), (3,), (2, 3, 4, 5, 7, 8, 9, 10, 11), None])
def test_who_may_not_register_may_not(bob: User, a: tuple[int, ...] | None) -> None:
    assert save(connected(bob, a=a), "lamp", name="Lamp") == (403, "Access is denied")


@pytest.mark.parametrize("a", [(), (0,), (6,)])
def test_who_may_register_may(bob: User, a: tuple[int, ...]) -> None:
    assert save(connected(bob, a=a), "lamp", name="Lamp") is None


@pytest.mark.parametrize("device", [5, "text", [], [{}], True])
def test_a_device_is_an_object(as_bob: Connection, device: object) -> None:
    answer = as_bob.ask("device/save", deviceId="lamp", device=device)
    assert answered(answer) == MALFORMED


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("name", []),
        ("name", {}),
        ("name", "a\0b"),
        ("networkId", "one"),
        ("networkId", True),
        ("networkId", 1.5),
        ("networkId", 2**63),
        ("deviceTypeId", ""),
        ("deviceTypeId", {}),
        ("isBlocked", 1),
        ("isBlocked", {}),
    ],
)
def test_members_have_types(as_bob: Connection, member: str, value: object) -> None:
    assert save(as_bob, "lamp", **{"name": "Lamp", member: value}) == MALFORMED
    assert stored("lamp") is None


@pytest.mark.parametrize("data", [5, "text", "{}", [], [{}], True])
def test_data_is_an_object(as_bob: Connection, data: object) -> None:
    assert save(as_bob, "lamp", name="Lamp", data=data) == NO_OBJECT


def test_data_is_not_nested_without_end(as_bob: Connection) -> None:
    data: dict[str, Any] = {}
    for _ in range(100):
        data = {"a": data}
    assert save(as_bob, "lamp", name="Lamp", data=data["a"]) is None
    assert save(as_bob, "lamp", name="Lamp", data=data) == MALFORMED


@pytest.mark.parametrize(
    "device_id", ["", " ", " lamp", "lamp ", "lamp\n", "la_mp", "la.mp", "lämp", "१", "a/b", "$"]
)
def test_an_id_of_other_characters(as_bob: Connection, device_id: str) -> None:
    assert save(as_bob, device_id, name="Lamp") == ID_CHARACTERS


def test_the_longest_name_in_an_update(as_bob: Connection, device: Device) -> None:
    assert save(as_bob, device.id, name="x" * 128) is None
    assert stored(device.id)["name"] == "x" * 128


@pytest.mark.parametrize("name", ["", "x" * 129])
def test_a_name_of_another_length(as_bob: Connection, device: Device, name: str) -> None:
    before = stored(device.id)
    assert save(as_bob, "lamp", name=name) == NAME_LENGTH
    assert save(as_bob, device.id, name=name, isBlocked=True) == NAME_LENGTH
    assert stored("lamp") is None
    assert stored(device.id) == before


def test_an_id_that_is_too_long(as_bob: Connection) -> None:
    assert save(as_bob, "x" * 49, name="Lamp") == ID_LENGTH


@pytest.mark.parametrize("network_id", [UNKNOWN, 0, -1, 2**63 - 1, -(2**63)])
def test_a_network_that_does_not_exist(as_bob: Connection, device: Device, network_id: int) -> None:
    assert save(as_bob, "lamp", name="Lamp", networkId=network_id) == INVALID
    assert save(as_bob, device.id, networkId=network_id) == INVALID


@pytest.mark.parametrize("type_id", [UNKNOWN, 0, -1, 2**63 - 1, -(2**63)])
def test_a_type_that_does_not_exist(as_bob: Connection, device: Device, type_id: int) -> None:
    assert save(as_bob, "lamp", name="Lamp", deviceTypeId=type_id) == INVALID
    assert save(as_bob, device.id, deviceTypeId=type_id) == INVALID


def test_a_network_of_others_is_refused(
    as_bob: Connection, device: Device, foreign: Network
) -> None:
    before = stored(device.id)
    assert save(as_bob, "lamp", name="Lamp", networkId=foreign.id) == NO_NETWORK
    assert save(as_bob, device.id, networkId=foreign.id) == NO_NETWORK
    assert stored(device.id) == before


def test_a_token_for_all_networks_makes_no_member(bob: User, foreign: Network) -> None:
    assert save(connected(bob, n=("*",)), "lamp", name="Lamp", networkId=foreign.id) == NO_NETWORK


def test_a_type_that_is_not_allowed(as_limited: Connection, device: Device) -> None:
    assert save(as_limited, "lamp", name="Lamp", deviceTypeId=1) == NO_TYPE
    assert save(as_limited, device.id, deviceTypeId=1) == NO_TYPE
    assert stored(device.id)["device_type_id"] == device.device_type_id


def test_no_type_is_allowed(bob: User) -> None:
    bob.all_device_types_available = False
    bob.save()
    for dt in (), None:
        assert save(connected(bob, dt=dt), "lamp", name="Lamp") == NO_TYPE
        assert save(connected(bob, dt=dt), "lamp", name="Lamp", deviceTypeId=1) == NO_TYPE


def test_types_in_a_token_mean_nothing_to_a_user_of_all_types(bob: User) -> None:
    assert save(connected(bob, dt=("2",)), "lamp", name="Lamp", deviceTypeId=3) is None


def test_the_networks_and_types_at_the_top_mean_nothing(as_bob: Connection) -> None:
    answer = as_bob.ask(
        "device/save", deviceId="lamp", networkId=UNKNOWN, deviceTypeId=0, device={"name": "Lamp"}
    )
    assert answered(answer) is None


# Checks in order: a frame that fails two is answered by the first.


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        ({"deviceId": [], "device": 5}, MALFORMED),
        ({"networkId": "x"}, MALFORMED),
        ({"deviceTypeId": 1.5}, MALFORMED),
        ({"device": 5}, (401, "Unauthorized")),
    ],
)
def test_types_of_ids_before_authentication(
    anonymous: Connection, frame: dict[str, object], answer: tuple[int, str]
) -> None:
    assert answered(anonymous.ask("device/save", **frame)) == answer


def test_the_permission_before_the_types_of_members(bob: User) -> None:
    answer = connected(bob, a=(1,)).ask("device/save", device={"name": []})
    assert answered(answer) == (403, "Access is denied")


@pytest.mark.parametrize(
    ("frame", "answer"),
    [
        ({"device": 5}, MALFORMED),
        ({"device": {"name": []}}, MALFORMED),
        ({"device": {"data": 5}}, NO_OBJECT),
        ({}, ID_REQUIRED),
        ({"deviceId": None, "device": None}, ID_REQUIRED),
        ({"deviceId": "a b"}, ID_CHARACTERS),
        ({"deviceId": "", "device": None}, ID_CHARACTERS),
        ({"deviceId": "a b", "device": {"networkId": UNKNOWN}}, ID_CHARACTERS),
        ({"deviceId": "lamp"}, EMPTY),
        ({"deviceId": "lamp", "device": None}, EMPTY),
        ({"deviceId": "x" * 49}, EMPTY),
        ({"deviceId": "lamp", "device": {}}, NAME_REQUIRED),
        ({"deviceId": "lamp", "device": {"networkId": UNKNOWN}}, INVALID),
        ({"deviceId": "lamp", "device": {"networkId": 1}}, NO_NETWORK),
        ({"deviceId": "lamp", "device": {"networkId": 1, "deviceTypeId": UNKNOWN}}, NO_NETWORK),
        ({"deviceId": "lamp", "device": {"networkId": UNKNOWN, "deviceTypeId": 1}}, INVALID),
        ({"deviceId": "lamp", "device": {"deviceTypeId": UNKNOWN}}, INVALID),
        ({"deviceId": "lamp", "device": {"deviceTypeId": 1}}, NO_TYPE),
        ({"deviceId": "x" * 49, "device": {"deviceTypeId": 1, "name": ""}}, NO_TYPE),
    ],
)
def test_the_order_of_checks(
    as_limited: Connection, frame: dict[str, object], answer: tuple[int, str]
) -> None:
    assert answered(as_limited.ask("device/save", **frame)) == answer


def test_the_default_network_before_the_type(as_charlie: Connection) -> None:
    assert save(as_charlie, "lamp", deviceTypeId=UNKNOWN) == NO_NETWORK


def test_the_default_type_before_the_name(bob: User) -> None:
    bob.all_device_types_available = False
    bob.save()
    assert save(connected(bob), "lamp") == NO_TYPE


@pytest.mark.parametrize(("name", "text"), [(None, NAME_REQUIRED), ("", NAME_LENGTH)])
def test_all_that_is_wrong_with_a_new_device(
    as_bob: Connection, name: str | None, text: tuple[int, str]
) -> None:
    assert save(as_bob, "x" * 49, name=name) == (400, text[1] + ID_LENGTH[1])


@pytest.mark.parametrize(
    ("members", "answer"),
    [
        ({"networkId": UNKNOWN}, INVALID),
        ({"networkId": 1}, NO_NETWORK),
        ({"deviceTypeId": UNKNOWN}, INVALID),
        ({"name": ""}, NO_DEVICE),
        ({}, NO_DEVICE),
    ],
)
def test_the_order_of_checks_of_an_update(
    as_charlie: Connection, device: Device, members: dict[str, object], answer: tuple[int, str]
) -> None:
    assert save(as_charlie, device.id, **members) == answer


# Tokens that list networks or types


def test_a_token_limits_where_a_device_is_created(
    bob: User, network: Network, second: Network
) -> None:
    limited = connected(bob, n=(str(second.id),))
    assert save(limited, "lamp", name="Lamp", networkId=network.id) == NO_NETWORK
    assert save(limited, "lamp", name="Lamp", networkId=second.id) is None


def test_a_token_limits_the_default_network(bob: User, second: Network) -> None:
    assert save(connected(bob, n=(str(second.id),)), "lamp", name="Lamp") is None
    assert stored("lamp")["network_id"] == second.id


@pytest.mark.parametrize("n", [(), ("1",), (str(UNKNOWN),)])
def test_a_token_without_a_network_of_the_user(
    bob: User, foreign: Network, n: tuple[str, ...]
) -> None:
    assert save(connected(bob, n=n), "lamp", name="Lamp") == NO_NETWORK
    assert save(connected(bob, n=n), "lamp", name="Lamp", networkId=foreign.id) == NO_NETWORK


@pytest.mark.parametrize("n", [None, ("*",)])
def test_a_token_that_lists_no_networks_leaves_it_to_membership(
    bob: User, second: Network, n: tuple[str, ...] | None
) -> None:
    assert save(connected(bob, n=n), "lamp", name="Lamp", networkId=second.id) is None


def test_a_token_limits_which_devices_are_updated(
    bob: User, device: Device, second: Network
) -> None:
    before = stored(device.id)
    limited = connected(bob, n=(str(second.id),))
    assert save(limited, device.id, name="Sun") == NO_DEVICE
    assert save(limited, device.id, networkId=second.id) == NO_DEVICE
    assert stored(device.id) == before


def test_a_token_limits_where_a_device_is_moved(
    bob: User, device: Device, network: Network, second: Network
) -> None:
    limited = connected(bob, n=(str(network.id),))
    assert save(limited, device.id, networkId=second.id) == NO_NETWORK
    assert save(limited, device.id, networkId=network.id) is None


def test_a_token_limits_an_administrator_too(alice: User, device: Device, network: Network) -> None:
    limited = connected(alice, n=("1",))
    assert save(limited, "lamp", name="Lamp", networkId=network.id) == NO_NETWORK
    assert save(limited, device.id, name="Sun") == NO_DEVICE
    assert save(limited, "lamp", name="Lamp") is None
    assert stored("lamp")["network_id"] == 1


def test_a_token_limits_types(as_limited: Connection, device: Device) -> None:
    assert save(as_limited, device.id, name="Sun") is None
    Device.objects.update(device_type=1)
    assert save(as_limited, device.id, name="Moon") == NO_DEVICE
    assert stored(device.id)["name"] == "Sun"


def test_compatible_mode_ignores_the_networks_of_a_token(
    settings: Any, bob: User, device: Device, network: Network, second: Network
) -> None:
    settings.COMPATIBLE_MODE = True
    limited = connected(bob, n=(str(second.id),))
    assert save(limited, device.id, name="Sun") is None
    assert save(limited, "lamp", name="Lamp") is None
    assert stored("lamp")["network_id"] == network.id


def test_compatible_mode_makes_no_member(
    settings: Any, as_bob: Connection, foreign: Network
) -> None:
    settings.COMPATIBLE_MODE = True
    assert save(as_bob, "lamp", name="Lamp", networkId=foreign.id) == NO_NETWORK


# Many saves in one transaction


def batch(*saves: tuple[Connection, str, Mapping[str, object]]) -> list[tuple[int, str] | None]:
    """Save together, as requests do that arrive while a transaction runs."""
    action = actions.registry["device/save"]
    items = []
    for connection, device_id, device in saves:
        items.append(connection.prepare("device/save", deviceId=device_id, device=device))
    assert action.commit is not None
    return [result and (result.code, result.text) for result in action.commit(items)]


def test_two_saves_of_one_device_are_as_one_after_the_other(
    second: Network, as_bob: Connection
) -> None:
    results = batch(
        (as_bob, "lamp", {"name": "Lamp", "data": {"on": True}, "isBlocked": True}),
        (as_bob, "lamp", {"networkId": second.id}),
    )
    assert results == [None, None]
    assert stored("lamp") == {
        "id": "lamp",
        "name": "Lamp",
        "data": None,
        "network_id": second.id,
        "device_type_id": 1,
        "is_blocked": True,
    }


def test_a_refused_save_fails_alone(
    as_bob: Connection, as_charlie: Connection, device: Device
) -> None:
    results = batch(
        (as_bob, "lamp", {"name": "Lamp"}),
        (as_charlie, "lamp", {"name": "Mine"}),
        (as_charlie, device.id, {"name": "Mine"}),
        (as_bob, "other", {}),
        (as_bob, device.id, {"name": "Sun"}),
    )
    assert results == [None, NO_DEVICE, NO_DEVICE, NAME_REQUIRED, None]
    assert stored("lamp")["name"] == "Lamp"
    assert stored("other") is None
    assert stored(device.id)["name"] == "Sun"


def test_a_refused_creation_leaves_the_id_free(as_bob: Connection, as_charlie: Connection) -> None:
    results = batch(
        (as_charlie, "lamp", {"name": "Mine"}),
        (as_bob, "lamp", {}),
        (as_bob, "lamp", {"name": "Lamp"}),
        (as_bob, "lamp", {}),
    )
    assert results == [NO_NETWORK, NAME_REQUIRED, None, None]


def test_a_save_sees_where_the_one_before_it_moved_the_device(
    as_alice: Connection, as_bob: Connection, device: Device
) -> None:
    results = batch(
        (as_alice, device.id, {"networkId": 1}),
        (as_bob, device.id, {"name": "Sun"}),
    )
    assert results == [None, NO_DEVICE]
    assert stored(device.id)["network_id"] == 1


def test_everyone_in_a_batch_has_their_own_defaults(
    as_alice: Connection, as_bob: Connection, bob: User, network: Network, second: Network
) -> None:
    as_second = connected(bob, n=(str(second.id),))
    results = batch(
        (as_alice, "a", {"name": "A"}),
        (as_bob, "b", {"name": "B"}),
        (as_second, "c", {"name": "C"}),
    )
    assert results == [None, None, None]
    assert dict(Device.objects.filter(id__in="abc").values_list("id", "network_id")) == {
        "a": 1,
        "b": network.id,
        "c": second.id,
    }


def test_fifty_first_saves_of_one_id(as_bob: Connection) -> None:
    saves = [(as_bob, "lamp", {"name": f"Lamp {number}"}) for number in range(50)]
    assert batch(*saves) == [None] * 50
    assert stored("lamp")["name"] == "Lamp 49"


def test_a_batch_asks_the_database_a_few_questions(
    as_bob: Connection, django_assert_max_num_queries: Any
) -> None:
    saves = [(as_bob, f"lamp-{number}", {"name": "Lamp"}) for number in range(100)]
    with django_assert_max_num_queries(10):
        batch(*saves)
    assert Device.objects.filter(id__startswith="lamp-").count() == 100


def test_a_constraint_of_the_operator_is_a_conflict(as_bob: Connection, device: Device) -> None:
    database.check_constraints()  # Now, or PostgreSQL lets no index be made before it has.
    with database.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX one_of_a_name ON devices_device (name)")
    answer = as_bob.ask("device/save", deviceId="other", device={"name": device.name})
    assert answer == refused("device/save", 409, ProtocolRefusal.CONFLICT.text)
    assert stored("other") is None
