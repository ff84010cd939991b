"""Every action is asked both ways: what REST answers is what a frame is answered, or is listed.

`devices/routes.json` is the only list of where the two differ, and docs/rest.md is made of it. A
difference that is not in it fails a test, and so does one that is in it and never seen.
"""

import json
import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

import pytest
from django.db import transaction

from devicehive.documents.parity import parity
from devicehive.protocol.actions import registry
from devicehive.protocol.http_messages import NO_CONTENT
from devicehive.protocol.routes import EVERY_MEMBER, Call, Route, routes
from devices.models import Command, Device, DeviceType, Network, Notification, User
from devices.services import tokens
from tests.conftest import Connection, connected
from tests.factories import PASSWORD
from tests.rest.client import Rest, rest

DONE = "success"

Difference = tuple[str, str, str]
DIFFERENCES: list[Difference] = [(each.where, each.frame, each.rest) for each in parity().answers]
"""By method and path: what a frame is told, and what REST is."""

CONTENTS: dict[str, Callable[[Any], Any]] = {
    "GET info": lambda info: {
        "apiVersion": info["apiVersion"],
        "serverTimestamp": info["serverTimestamp"],
        "webSocketServerUrl": "ws://testserver/api/websocket",
    },
    "GET configuration/<name>": lambda entry: {k: v for k, v in entry.items() if k != "id"},
    "PUT configuration/<name>": lambda entry: {k: v for k, v in entry.items() if k != "id"},
    **{
        f"GET {kind}/count": lambda count: {"count": count}
        for kind in ("device", "network", "devicetype", "user", "presence")
    },
}
"""What REST makes of the content that a frame has, where it is another."""
MORE = {"POST device/<deviceId>/command"}
"""Where REST's content has the members of the frame's, and more."""

FRAMES = {
    "rest/info": "server/info",
    "rest/device/list": "device/list",
    "rest/command/get": "command/get",
    "rest/command/list": "command/list",
    "rest/user/getDeviceType": "user/getDeviceType",
}
"""The frame that comes nearest to what only REST has."""
WITHOUT_FRAME = {
    "rest/welcome",
    "rest/document",
    "rest/command/poll",
    "rest/notification/poll",
    "rest/command/wait",
}

LISTS: list[dict[str, Any]] = [{}, {"take": 1}, {"take": -1}, {"sortField": "x"}]
RESERVED = {"notification": "$device-add"}
"""Nothing to others than notifications, which may not have this name."""
QUERIES: dict[str, list[dict[str, Any]]] = {
    "list": [*LISTS, {"skip": -1}, {"start": "x"}],
}
"""Of GET, by the last part of the action."""

# --- How they are asked --------------------------------------------------------------------------

EACH_TIME_ANOTHER = {"id", "timestamp", "lastUpdated", "serverTimestamp"}
TOKENS = {"accessToken", "refreshToken"}


class World(NamedTuple):
    """The records and the callers, each of which can send frames and REST requests."""

    members: dict[str, object]
    """Of paths, as they name what there is."""
    bodies: dict[str, dict[str, object]]
    callers: dict[str, tuple[Connection, Rest]]


@pytest.fixture
def world(
    alice: User, bob: User, charlie: User, network: Network, device: Device, device_type: DeviceType
) -> World:
    message: dict[str, Any] = {
        "device_id": device.id,
        "generation": device.generation,
        "network_id": network.pk,
        "device_type_id": device_type.pk,
        "stored_at": "2026-01-01T00:00:00Z",
    }
    for number in 1, 2:
        timed = message | {"number": number, "timestamp": f"2026-01-01T00:00:0{number}Z"}
        Command.objects.create(
            **timed, command="dim", last_updated=timed["timestamp"], user_id=bob.pk
        )
        Notification.objects.create(**timed, notification="on")
    limited: dict[str, Any] = {"n": (str(network.pk),)}
    return World(
        members={
            "deviceId": device.id,
            "commandId": 1,
            "notificationId": 1,
            "networkId": network.pk,
            "deviceTypeId": device_type.pk,
            "userId": bob.pk,
            "name": "nothing",
        },
        bodies={
            "device": {"name": "New"},
            "network": {"name": "New"},
            "deviceType": {"name": "New"},
            "user": {"login": "dora", "password": PASSWORD, "role": 1},
            "command": {"command": "dim", "status": "new"},
            "notification": {"notification": "on"},
            "payload": {"userId": bob.pk, "actions": ["GetDevice"]},
            EVERY_MEMBER: {
                "login": "bob",
                "password": PASSWORD,
                "refreshToken": tokens.issue(bob, tokens.scope_of(bob)).refresh,
                "value": "5",
            },
        },
        callers={
            "nobody": (connected(None), Rest()),
            "alice": (connected(alice), rest(alice)),
            "a limited alice": (connected(alice, **limited), rest(alice, **limited)),
            "bob": (connected(bob), rest(bob)),
            "a powerless bob": (connected(bob, a=(1,)), rest(bob, a=(1,))),
            "bob, who manages users": (connected(bob, a=(12,)), rest(bob, a=(12,))),
            "charlie": (connected(charlie), rest(charlie)),
        },
    )


class Exchange(NamedTuple):
    """A request that is a frame, too."""

    method: str
    route: Route
    path: str
    members: dict[str, Any]
    """Those of the path."""
    body: Any
    query: dict[str, Any]

    @property
    def where(self) -> str:
        return f"{self.method} {self.route.path.text}"

    @property
    def call(self) -> Call:
        return self.route.methods[self.method]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.query} {self.body}"


def exchanges(world: World) -> Iterator[Exchange]:
    """Each method of each path: of what there is and of what there is not."""
    unknown: dict[str, object] = dict.fromkeys(world.members, 999999)
    unknown |= {"deviceId": "nothing", "name": "nothing"}
    for known, route in product((world.members, unknown), routes):
        members = {s.member: known[s.member] for s in route.path.segments if s.member}
        path = "/".join(
            s.literal if s.literal is not None else str(known[s.member])
            for s in route.path.segments
        )
        for method, call in route.methods.items():
            if call.name in WITHOUT_FRAME:
                continue
            queries = QUERIES.get(call.name.rpartition("/")[2], [{}]) if method == "GET" else [{}]
            for body in bodies_of(call, world):
                for query in queries:
                    yield Exchange(method, route, path, members, body, query)


def bodies_of(call: Call, world: World) -> list[Any]:
    """Bodies that are right, absent, empty and wrong. A frame is an object, whatever it means."""
    if call.body is None:
        return [None]
    wrong = [] if call.body == EVERY_MEMBER else [5]
    return [world.bodies[call.body], None, {}, {"name": []}, RESERVED, *wrong]


def by_frame(caller: Connection, exchange: Exchange) -> tuple[str, Any]:
    call, body = exchange.call, exchange.body
    frame = {**exchange.query, **exchange.members}
    if call.body == EVERY_MEMBER:
        frame = {**(body or {}), **frame}
    elif call.body is not None:
        frame[call.body] = body
    name = FRAMES.get(call.name, call.name)
    answer = json.loads(caller.text(json.dumps({**frame, "action": name})))
    if answer["status"] == "error":
        return without_values(f"{answer['code']} {answer['error']}"), None
    content = {k: v for k, v in answer.items() if k not in ("action", "requestId", "status")}
    returns = registry[name].returns
    return DONE, content[returns] if returns else content


def by_request(caller: Rest, exchange: Exchange) -> tuple[str, Any]:
    status, content = caller.ask(exchange.method, exchange.path, exchange.body, **exchange.query)
    if status < 300:
        return DONE, content
    return without_values(f"{status} {content['message']}"), None


def stable(content: Any) -> Any:
    """The content without values that differ each time."""
    if isinstance(content, list):
        return [stable(each) for each in content]
    if not isinstance(content, dict):
        return content
    kept = {k: stable(v) for k, v in content.items() if k not in EACH_TIME_ANOTHER | TOKENS}
    return kept | dict.fromkeys(content.keys() & (EACH_TIME_ANOTHER | TOKENS), "...")


def undone(ask: Callable[..., tuple[str, Any]], *args: Any) -> tuple[str, Any]:
    """The answer, after which all changes are rolled back."""
    with transaction.atomic():
        answer = ask(*args)
        transaction.set_rollback(True)
    return answer


def without_values(text: str) -> str:
    """As the documents show it: `...` for a value."""
    text = re.sub(r"with id \d+ for user with id \d+", "with id ... for user with id ...", text)
    return re.sub(r"= (nothing|999999)\b", "= ...", text)


def compare(world: World, exchange: Exchange, seen: set[Difference]) -> Iterator[str]:
    """The differences between the two answers that are not listed, for each caller."""
    where, call = exchange.where, exchange.call
    for who, (connection, client) in world.callers.items():
        if who != "nobody" and not call.action.needs:
            continue  # It looks at no token.
        told, content = undone(by_frame, connection, exchange)
        answered, shown = undone(by_request, client, exchange)
        if told != answered:
            found = {(where, told, answered), ("*", told, answered)} & {*DIFFERENCES}
            seen.update(found)
            if not found:
                yield f"{who}: {exchange}: {told!r}, {answered!r}"
        elif told == DONE and call.status != NO_CONTENT:
            expected = stable(CONTENTS.get(where, lambda same: same)(content))
            shown = stable(shown)
            if where in MORE:
                shown = {name: shown[name] for name in expected}
            if shown != expected:
                yield f"{who}: {exchange}: {expected!r}, {shown!r}"


def test_all_is_answered_both_ways_alike_but_for_what_is_listed(world: World) -> None:
    seen: set[Difference] = set()
    unlisted = [each for exchange in exchanges(world) for each in compare(world, exchange, seen)]
    assert not unlisted, "\n".join(unlisted)
    assert {*DIFFERENCES} - seen == set()
    assert {*parity().contents} == {*CONTENTS, *MORE}
