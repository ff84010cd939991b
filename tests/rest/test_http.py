"""What holds for every request, whatever it asks for (REST 1.2 to 1.6)."""

from typing import Any

import pytest
from pytest_django import Settings

from devicehive.protocol import routes
from devicehive.protocol.actions import registry, rest_registry
from devices.models import Device, Network, User
from tests.rest.client import (
    DONE,
    FORBIDDEN,
    INVALID,
    NO_BODY,
    UNAUTHORIZED,
    Response,
    Rest,
    refused,
    rest,
)

CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "OPTIONS, GET, POST, PUT, DELETE, HEAD",
    "access-control-allow-headers": (
        "Origin, Authorization, Accept, Content-Type, Auth-DeviceID, Auth-DeviceKey"
    ),
    "access-control-expose-headers": "Retry-After",
    "access-control-max-age": "0",
}
NOT_FOUND = refused(404, "HTTP 404 Not Found")
NOT_ALLOWED = refused(405, "HTTP 405 Method Not Allowed")
MEDIA_TYPE = refused(415, "HTTP 415 Unsupported Media Type")


def answer(response: Response) -> tuple[int, Any]:
    return response.status, response.content


# --- Paths ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mount", ["/api/rest", "/auth/rest", "/dh/rest"])
def test_one_tree_of_paths_stands_at_every_mount(
    bob_rest: Rest, device: Device, mount: str
) -> None:
    assert bob_rest.get("device/bobs-lamp", mount=mount)[1]["name"] == "Lamp"


def test_a_slash_at_the_end_is_nothing(bob_rest: Rest, device: Device) -> None:
    assert bob_rest.get("device/bobs-lamp/") == bob_rest.get("device/bobs-lamp")
    assert bob_rest.put("device/bobs-lamp/", {"name": "New"}) == DONE


@pytest.mark.parametrize(
    "path",
    ["nothing", "device/a/b", "devices", "network/abc", "user/1x", "user/9999999999999999999"],
)
def test_what_is_no_path_is_told_in_json(bob_rest: Rest, path: str) -> None:
    assert bob_rest.get(path) == NOT_FOUND


@pytest.mark.parametrize("path", ["plugin", "token/plugin/create", "token/plugin/authenticate"])
def test_there_are_no_plugins(alice_rest: Rest, path: str) -> None:
    assert alice_rest.get(path) == alice_rest.post(path) == NOT_FOUND


def test_a_literal_goes_before_a_parameter(alice_rest: Rest) -> None:
    Device.objects.create(id="count", name="Count", network_id=1, device_type_id=1)
    assert list(alice_rest.get("device/count")[1]) == ["count"]
    assert alice_rest.get("user/current")[1]["login"] == "alice"


def test_the_root_says_hello_to_anybody(nobody: Rest) -> None:
    response = nobody.send("GET", "")
    assert (response.status, response.headers["content-type"]) == (200, "text/plain")
    assert response.body.endswith(b"\n")


def test_a_websocket_is_not_had_without_an_upgrade(nobody: Rest) -> None:
    for mount, path in ("/api", "websocket"), ("/dh", "websocket"), ("/dh", "websocket/client"):
        response = nobody.send("GET", path, mount=mount)
        sentence = "This is a WebSocket: open it with ws:// or wss://"
        assert answer(response) == refused(426, sentence)
        assert response.headers["upgrade"] == "websocket"


# --- Methods -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "device/bobs-lamp"),
        ("DELETE", "device/bobs-lamp/command/1"),
        ("PUT", "device/bobs-lamp/notification/1"),
        ("DELETE", "device/bobs-lamp/notification/1"),
        ("DELETE", "device"),
        ("PATCH", "device/bobs-lamp"),
    ],
)
def test_a_method_is_judged_before_who_asks(
    bob_rest: Rest, nobody: Rest, method: str, path: str
) -> None:
    assert bob_rest.ask(method, path) == nobody.ask(method, path) == NOT_ALLOWED


def test_what_is_allowed_is_told(nobody: Rest) -> None:
    assert nobody.send("POST", "device/x").headers["allow"] == "DELETE, GET, PUT"


def test_a_path_has_one_row() -> None:
    with pytest.raises(ValueError, match="two rows for the path device/count"):
        routes.path("device/count", DELETE=routes.Call("device/count"))


def test_options_are_answered_to_anybody(nobody: Rest) -> None:
    for path in "device", "device/bobs-lamp", "nothing", "":
        response = nobody.send("OPTIONS", path)
        assert (response.status, response.body) == (200, b"")
        assert response.headers.items() >= CORS.items()


def test_head_is_get_without_the_body(bob_rest: Rest, device: Device) -> None:
    got = bob_rest.send("GET", "device/bobs-lamp")
    head = bob_rest.send("HEAD", "device/bobs-lamp")
    assert (head.status, head.body, head.headers) == (200, b"", got.headers)
    refused = bob_rest.send("HEAD", "device/nothing")
    assert (refused.status, refused.body) == (403, b"")


@pytest.mark.parametrize(("override", "status"), [("put", 204), ("DELETE", 204), ("GET", 405)])
def test_a_post_may_stand_for_another_method(
    bob_rest: Rest, device: Device, override: str, status: int
) -> None:
    headers = {"x-http-method-override": override}
    assert bob_rest.post("device/bobs-lamp", {"name": "New"}, headers=headers)[0] == status
    assert Device.objects.filter(id=device.id).exists() == (override != "DELETE")


def test_a_post_may_stand_for_head_and_options(bob_rest: Rest, device: Device) -> None:
    """The answer is one to a POST nevertheless: without a body its length is 0."""
    for override, length in ("HEAD", "0"), ("options", "0"):
        headers = {"x-http-method-override": override}
        response = bob_rest.send("POST", "device/bobs-lamp", headers=headers)
        assert (response.status, response.body) == (200, b"")
        assert response.headers["content-length"] == length


def test_only_a_post_stands_for_another_method(bob_rest: Rest, device: Device) -> None:
    headers = {"x-http-method-override": "DELETE"}
    assert bob_rest.get("device/bobs-lamp", headers=headers)[0] == 200
    assert Device.objects.filter(id=device.id).exists()


# --- Headers and bodies ----------------------------------------------------------------------


def test_every_answer_is_for_pages_from_anywhere(bob_rest: Rest, nobody: Rest) -> None:
    responses = [
        bob_rest.send("GET", "device"),
        bob_rest.send("PUT", "device/lamp-1", b'{"name":"Lamp"}'),
        bob_rest.send("PUT", "device/lamp-1", b"{"),
        nobody.send("GET", "device"),
        nobody.send("GET", "nothing"),
        nobody.send("POST", "device"),
        nobody.send("GET", "websocket", mount="/api"),
    ]
    assert [response.status for response in responses] == [200, 204, 400, 401, 404, 405, 426]
    assert all(response.headers.items() >= CORS.items() for response in responses)


def test_an_answer_says_how_long_it_is_unless_there_is_none(bob_rest: Rest) -> None:
    listed = bob_rest.send("GET", "device")
    assert listed.headers["content-type"] == "application/json"
    assert listed.headers["content-length"] == str(len(listed.body))
    saved = bob_rest.send("PUT", "device/lamp-1", b'{"name":"Lamp"}')
    assert saved.body == b""
    assert saved.headers.keys() == CORS.keys()


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON; charset=utf-8", "", None]
)
def test_a_body_is_json(bob_rest: Rest, media_type: str | None) -> None:
    headers = {} if media_type is None else {"content-type": media_type}
    assert bob_rest.put("device/lamp-1", {"name": "Lamp"}, headers=headers) == DONE


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "x"])
def test_another_kind_of_body_is_refused_unless_there_is_none(
    bob_rest: Rest, alice_rest: Rest, media_type: str
) -> None:
    headers = {"content-type": media_type}
    assert bob_rest.put("device/lamp-1", {"name": "Lamp"}, headers=headers) == MEDIA_TYPE
    assert alice_rest.put("network/1", headers=headers) == DONE
    assert not Device.objects.filter(id="lamp-1").exists()


def test_a_body_is_ignored_where_none_is_expected(bob_rest: Rest, device: Device) -> None:
    for body in b"{}", b"{", b"\xff":
        response = bob_rest.send("GET", "device/count", body, headers={"content-type": "text/x"})
        assert answer(response) == (200, {"count": 1})
    assert bob_rest.ask("DELETE", "device/bobs-lamp", {}) == DONE


def test_what_is_accepted_is_not_looked_at(bob_rest: Rest) -> None:
    assert bob_rest.get("device", headers={"accept": "text/html"}) == (200, [])


def test_a_body_that_is_too_long_is_refused(bob_rest: Rest, settings: Settings) -> None:
    settings.MAX_MESSAGE_BYTES = 1_024
    fits = b'{"name":"Lamp","x":"%s"}' % (b"x" * 1_002)
    assert len(fits) == 1_024
    assert bob_rest.send("PUT", "device/lamp-1", fits).status == 204
    too_long = bob_rest.send("PUT", "device/lamp-2", fits + b" ")
    assert answer(too_long) == refused(413, "HTTP 413 Content Too Large")
    assert not Device.objects.filter(id="lamp-2").exists()


def test_of_the_members_of_path_body_and_query_the_path_wins(
    bob_rest: Rest, device: Device
) -> None:
    Device.objects.create(
        id="other", name="O", network_id=device.network_id, device_type_id=device.device_type_id
    )
    shown = bob_rest.get("device/bobs-lamp", deviceId="other", principal="x", action="user/list")
    assert shown[1]["id"] == "bobs-lamp"


# --- Who asks ------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_in_any_case(bob_rest: Rest, nobody: Rest, scheme: str) -> None:
    headers = {"authorization": f"{scheme} {bob_rest.token}"}
    assert nobody.get("device", headers=headers) == (200, [])


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic Ym9iOmJvYg==", "Bearer x", "Bearer x.y.z", "Bearer ä"],
)
def test_what_is_no_token_is_refused(nobody: Rest, header: str) -> None:
    assert nobody.get("device", headers={"authorization": header}) == UNAUTHORIZED


def test_public_paths_look_at_no_token(nobody: Rest) -> None:
    headers = {"authorization": "Bearer x"}
    for path in "", "info", "info/cache", "info/config/cluster":
        assert nobody.send("GET", path, headers=headers).status == 200
    assert nobody.post("token", headers=headers) == NO_BODY


def protected() -> list[tuple[str, str]]:
    """Every method of every path that needs a permission, with ids of what there is not."""
    examples = {"deviceId": "nothing", "name": "nothing", "commandId": "5", "notificationId": "5"}
    found = []
    for route in routes.routes:
        parts = [s.literal or examples.get(s.member, "999999") for s in route.path.segments]
        for method, call in route.methods.items():
            if call.action.needs:
                found.append((method, "/".join(parts)))
    return found


@pytest.mark.parametrize(("method", "path"), protected())
def test_who_asks_is_judged_before_what_is_asked(
    nobody: Rest, alice: User, method: str, path: str
) -> None:
    for body in b"", b"{", b'{"name":5}':
        assert answer(nobody.send(method, path, body)) == UNAUTHORIZED
        powerless = rest(alice, a=(1,))
        assert answer(powerless.send(method, path, body)) == FORBIDDEN


def test_the_gate_goes_before_what_is_wrong_with_a_request(
    charlie_rest: Rest, bob_rest: Rest, device: Device
) -> None:
    for wrong in {"start": "yesterday"}, {"take": "x"}, {"skip": ""}:
        assert charlie_rest.get("device/bobs-lamp/command", **wrong) == FORBIDDEN
    for body in b"", b"{", b"5":
        sent = charlie_rest.send("POST", "device/bobs-lamp/command", body)
        assert answer(sent) == FORBIDDEN
    assert bob_rest.get("device/bobs-lamp/command", take="x") == INVALID


def test_a_user_without_power_has_none_at_once(alice_rest: Rest, bob: User, bob_rest: Rest) -> None:
    assert bob_rest.get("device") == (200, [])
    assert alice_rest.put(f"user/{bob.pk}", {"status": 1}) == DONE
    assert bob_rest.get("device") == UNAUTHORIZED
    assert alice_rest.put(f"user/{bob.pk}", {"status": 0}) == DONE
    assert bob_rest.get("device") == (200, [])
    assert alice_rest.delete(f"user/{bob.pk}") == DONE
    assert bob_rest.get("device") == UNAUTHORIZED


def test_a_token_is_no_login(bob_rest: Rest, bob: User) -> None:
    assert bob_rest.get("device") == (200, [])
    bob.refresh_from_db()
    assert bob.last_login is None


# --- The table -------------------------------------------------------------------------------


def test_every_action_has_its_path_but_those_of_a_connection() -> None:
    of_connections = {"authenticate", "subscription/list"} | {
        f"{kind}/{verb}"
        for kind in ("command", "notification", "presence")
        for verb in ("subscribe", "unsubscribe")
    }
    instead = {
        "server/info": "rest/info",
        "device/list": "rest/device/list",
        "command/get": "rest/command/get",
        "command/list": "rest/command/list",
        "user/getDeviceType": "rest/user/getDeviceType",
    }
    called = {call.name for route in routes.routes for call in route.methods.values()}
    assert registry.keys() - called == of_connections | instead.keys()
    without_path = {"rest/authenticate", "rest/user/keep"}
    assert called - registry.keys() == rest_registry.keys() - without_path
    assert rest_registry.keys() >= {*instead.values()}


def test_no_frame_reaches_what_only_rest_has(network: Network) -> None:
    assert registry.keys().isdisjoint(rest_registry)
