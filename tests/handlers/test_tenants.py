"""Nobody is shown what is of devices that are not visible (3.2, R-39 to R-41, R-53): whatever the
users, their memberships, their tokens and the tokens made of those.

What is visible is worked out here from the token and the memberships alone, not by the server.
"""

import re
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from devicehive.protocol import jwts
from devicehive.protocol.actions import registry
from devicehive.protocol.permissions import CLIENT
from devices.models import Command, Device, DeviceType, Network, Notification, User
from devices.services.tokens import Scope, issue
from tests.conftest import Connection
from tests.factories import make_user
from tests.rest.client import Rest
from tests.thorough import examples

LONG_AGO = "2000-01-01T00:00:00.000"
LOGINS = ("alice", "bob", "charlie")
NETWORKS = TYPES = (1, 2, 3)
PLACES = {f"device-{n}-{t}": (n, t) for n, t in product(NETWORKS, TYPES)}

several = hypothesis_settings(
    max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture]
)

few = hypothesis_settings(several, max_examples=examples(25))
"""For what asks some hundred things in each."""


@pytest.fixture
def world(db: None, live: None) -> Connection:
    """A device of each type in each network, with a notification and an updated command; and the
    connection of an administrator."""
    for number in NETWORKS:
        Network.objects.update_or_create(pk=number, defaults={"name": f"network {number}"})
        DeviceType.objects.update_or_create(pk=number, defaults={"name": f"type {number}"})
    place_devices()
    users = [make_user(login, role=int(login != "alice")) for login in LOGINS]
    root = connect(issue(users[0], Scope((0,), ("*",), ("*",))).access)
    tell(root)
    return root


def place_devices() -> None:
    Device.objects.all().delete()
    for id_, (network, kind) in PLACES.items():
        Device.objects.create(id=id_, name="x", network_id=network, device_type_id=kind)


def connect(token: str) -> Connection:
    connection = Connection()
    assert connection.ask("authenticate", token=token)["status"] == "success"
    return connection


def tell(root: Connection) -> None:
    """Something of every device."""
    for id_ in PLACES:
        root.ask("notification/insert", deviceId=id_, notification={"notification": "on"})
        told = root.ask("command/insert", deviceId=id_, command={"command": "turn"})
        number = told["command"]["id"]
        root.ask("command/update", deviceId=id_, commandId=number, command={"status": "done"})


def lists(ids: tuple[int, ...]) -> st.SearchStrategy[tuple[str, ...] | None]:
    some = st.lists(st.sampled_from([str(id_) for id_ in ids]), unique=True).map(tuple)
    return st.just(("*",)) | st.none() | some


def change_access(data: st.DataObject, root: Connection) -> None:
    """Make users members of random networks, and let them use all types or random ones."""
    for login in LOGINS[1:]:
        user_id = User.objects.get(login=login).pk
        root.ask(
            f"user/{data.draw(st.sampled_from(['dis', '']))}allowAllDeviceTypes", userId=user_id
        )
        for number in NETWORKS:
            does = data.draw(st.sampled_from(["", "un"]))
            root.ask(f"user/{does}assignNetwork", userId=user_id, networkId=number)
            does = data.draw(st.sampled_from(["", "un"]))
            root.ask(f"user/{does}assignDeviceType", userId=user_id, deviceTypeId=number)


def draw_token(data: st.DataObject) -> str:
    """A token that lists anything, or one made of one, or one made of that; in the hands of a
    client, too, it may allow every action."""
    user = User.objects.get(login=data.draw(st.sampled_from(LOGINS)))
    by_role = (0,) if user.is_admin else tuple(sorted(CLIENT))
    actions = data.draw(st.sampled_from([by_role, (0,)]))
    scope = Scope(actions, data.draw(lists(NETWORKS)), data.draw(lists(TYPES)))
    token = issue(user, scope).access
    for _ in range(data.draw(st.integers(0, 2))):
        asked: dict[str, Any] = {"userId": user.pk, "actions": list(actions)}
        asked |= {
            "networkIds": data.draw(lists(NETWORKS)),
            "deviceTypeIds": data.draw(lists(TYPES)),
        }
        answer = connect(token).ask("token/create", payload=asked)
        if answer["status"] == "success":
            assert visible(answer["accessToken"]) <= visible(token)
            token = answer["accessToken"]
    return token


def visible(token: str) -> set[str]:
    claims = jwts.verify(token).payload
    user = User.objects.get(pk=claims.u)
    member_of = set(user.networks.values_list("id", flat=True))
    assigned = set(user.device_types.values_list("id", flat=True))
    has_all = user.all_device_types_available
    networks = None if claims.n is None or "*" in claims.n else set(map(int, claims.n))
    types = None if claims.dt is None or "*" in claims.dt or has_all else set(map(int, claims.dt))
    return {
        id_
        for id_, (network, kind) in PLACES.items()
        if user.is_admin or (network in member_of and (has_all or kind in assigned))
        if networks is None or network in networks
        if types is None or kind in types
    }


def ids_in(value: Any) -> set[str]:
    """The ids of all devices that an answer or a push tells something of."""
    if isinstance(value, dict):
        return set().union(*map(ids_in, value.values()))
    if isinstance(value, list):
        return set().union(*map(ids_in, value))
    return set(re.findall(r"device-\d-\d", value)) if isinstance(value, str) else set()


ASKED: list[tuple[str, dict[str, Any]]] = [
    ("device/list", {"take": 100}),
    *(("network/get", {"networkId": id_}) for id_ in NETWORKS),
    *(("devicetype/get", {"deviceTypeId": id_}) for id_ in TYPES),
    *(("device/get", {"deviceId": id_}) for id_ in PLACES),
    *(("device/presence", {"deviceId": id_}) for id_ in PLACES),
    ("presence/list", {"take": 100}),
    *(("command/list", {"deviceId": id_}) for id_ in PLACES),
    *(("notification/list", {"deviceId": id_}) for id_ in PLACES),
    # Refused, for none is empty, with the devices that are in the way.
    *(("network/delete", {"networkId": id_}) for id_ in NETWORKS),
    *(("devicetype/delete", {"deviceTypeId": id_}) for id_ in TYPES),
    ("subscription/list", {}),
    ("user/getCurrent", {}),
]
COUNTED: list[dict[str, Any]] = [{}, *({"networkId": id_} for id_ in NETWORKS)]
WRITTEN: list[tuple[str, dict[str, Any]]] = [
    ("notification/insert", {"notification": {"notification": "off"}}),
    ("command/insert", {"command": {"command": "off"}}),
    ("command/update", {"command": {"status": "off"}}),
    ("device/delete", {}),
]
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("notification/subscribe", {}),
    ("command/subscribe", {"limit": 100}),
    ("command/subscribe", {"limit": 100, "returnUpdatedCommands": True}),
]


def scopes(data: st.DataObject) -> dict[str, Any]:
    """What a subscription asks for: a device, some groups or everything."""
    one = st.sampled_from(sorted(PLACES)).map(lambda id_: {"deviceId": id_})
    groups = st.fixed_dictionaries(
        {},
        optional={
            "networkIds": st.lists(st.sampled_from(NETWORKS), min_size=1),
            "deviceTypeIds": st.lists(st.sampled_from(TYPES), min_size=1),
        },
    )
    drawn: dict[str, Any] = data.draw(one | groups)
    return drawn


@several
@given(data=st.data())
def test_answers_tell_of_visible_devices_only(world: Connection, data: st.DataObject) -> None:
    change_access(data, world)
    token = draw_token(data)
    connection, seen = connect(token), visible(token)
    for action, members in ASKED:
        asked = {members["deviceId"]} if "deviceId" in members else set()
        answer = connection.ask(action, **members)
        if answer["status"] == "success":
            assert ids_in(answer) | asked <= seen, (action, members)
        else:
            assert ids_in(answer) - asked <= seen, (action, members)
    for members in COUNTED:
        within = {id_ for id_ in seen if PLACES[id_][0] == members.get("networkId", PLACES[id_][0])}
        for action in "device/count", "presence/count":
            answer = connection.ask(action, **members)
            assert answer.get("count", 0) in (0, len(within))
    for message in (*Notification.objects.all(), *Command.objects.all()):
        kind = type(message).__name__.lower()
        answer = connection.ask(
            f"{kind}/get", deviceId=message.device_id, **{f"{kind}Id": message.number}
        )
        assert answer["status"] == "error" or message.device_id in seen


@several
@given(data=st.data())
def test_replays_and_events_tell_of_visible_devices_only(
    world: Connection, data: st.DataObject
) -> None:
    """However the access changes meanwhile; without a filter they tell of all of them."""
    change_access(data, world)
    token = draw_token(data)
    connection, (action, members) = connect(token), data.draw(st.sampled_from(KINDS))
    scope = scopes(data)
    connection.pushed()
    answer = connection.ask(action, timestamp=LONG_AGO, **members, **scope)
    assert ids_in(connection.pushed()) <= visible(token)
    for _ in range(2):
        change_access(data, world)
        connection.pushed()
        tell(world)
        heard, seen = ids_in(connection.pushed()), visible(token)
        assert heard <= seen
        if answer["status"] == "success" and not scope:
            assert heard == seen


POLLED = ["device/notification/poll", "device/command/poll"]
QUERIES = [
    {},
    {"returnUpdatedCommands": "true"},
    {"networkIds": "1,2"},
    {"deviceIds": "device-2-2"},
]


@several
@given(data=st.data())
def test_polls_tell_of_visible_devices_only(world: Connection, data: st.DataObject) -> None:
    change_access(data, world)
    token = draw_token(data)
    client, seen = Rest(token), visible(token)
    for path, query in product(POLLED, QUERIES):
        code, found = client.get(path, timestamp=LONG_AGO, waitTimeout=0, limit=100, **query)
        if code == 200:
            assert ids_in(found) <= seen, (path, query)


@few
@given(data=st.data())
def test_answers_over_http_tell_of_visible_devices_only(
    world: Connection, data: st.DataObject
) -> None:
    change_access(data, world)
    token = draw_token(data)
    client, seen = Rest(token), visible(token)
    numbers = dict(Command.objects.values_list("device_id", "number"))
    paths = [f"network/{id_}" for id_ in NETWORKS] + [f"devicetype/{id_}" for id_ in TYPES]
    for id_ in PLACES:
        messages = "command", "notification", f"command/{numbers[id_]}"
        polls = "command/poll", "notification/poll", f"command/{numbers[id_]}/poll"
        paths += [f"device/{id_}", *(f"device/{id_}/{each}" for each in (*messages, *polls))]
    for path in ["device", *paths]:
        polled = {"timestamp": LONG_AGO, "waitTimeout": 0} if path.endswith("poll") else {}
        code, found = client.get(path, **polled)
        asked = ids_in(path)
        assert ids_in(found) <= (seen if code == 200 else seen | asked), path
    code, found = client.get("device/count")
    assert code != 200 or found["count"] in (0, len(seen))


@several
@given(data=st.data())
def test_only_visible_devices_are_saved_over(world: Connection, data: st.DataObject) -> None:
    change_access(data, world)
    token = draw_token(data)
    connection, seen = connect(token), visible(token)
    for id_ in PLACES:
        answer = connection.ask("device/save", deviceId=id_, device={"name": "y"})
        assert (answer["status"] == "success") == (id_ in seen), id_


@few
@given(data=st.data())
def test_nothing_is_done_to_other_devices(world: Connection, data: st.DataObject) -> None:
    """Nor is any taken home into a network of the caller's own."""
    place_devices()
    tell(world)
    change_access(data, world)
    token = draw_token(data)
    connection, seen = connect(token), visible(token)
    numbers = dict(Command.objects.values_list("device_id", "number"))
    home = {"networkId": data.draw(st.sampled_from(NETWORKS))}
    saved = ("device/save", {"device": home | {"deviceTypeId": data.draw(st.sampled_from(TYPES))}})
    for id_, (action, members) in product(PLACES, [*WRITTEN, saved]):
        answer = connection.ask(action, deviceId=id_, commandId=numbers[id_], **members)
        assert answer["status"] == "error" or id_ in seen, (id_, action)


SHOWING_NONE = re.compile(
    "authenticate|token.*|server/.*|cluster/info|configuration/.*|user/.*|.*/unsubscribe"
    "|(network|devicetype)/(count|insert|list|update)"
)


def test_every_action_is_asked() -> None:
    """Of those that could tell of devices, or do something to them."""
    asked = {action for action, _ in [*ASKED, *KINDS, *WRITTEN]}
    asked |= {"device/count", "presence/count", "device/save", "command/get", "notification/get"}
    # Hears within the same audience as the others, and has no replay.
    asked |= {"presence/subscribe"}
    others = {action for action in registry if SHOWING_NONE.fullmatch(action)}
    assert set(registry) - others == asked - others
