"""/info and /configuration (REST 2.1 and 2.3)."""

import re
from typing import Any

import pytest
from pytest_django import Settings

from devices.models import Configuration
from tests.rest.client import DONE, FORBIDDEN, NO_BODY, UNAUTHORIZED, Rest, refused

TIMESTAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"


@pytest.mark.parametrize(
    ("mount", "scheme", "url"),
    [
        ("/api/rest", "http", "ws://testserver/api/websocket"),
        ("/auth/rest", "http", "ws://testserver/api/websocket"),
        ("/dh/rest", "http", "ws://testserver/dh/websocket"),
        ("/api/rest", "https", "wss://testserver/api/websocket"),
    ],
)
def test_where_the_websocket_is(nobody: Rest, mount: str, scheme: str, url: str) -> None:
    status, info = nobody.get("info", mount=mount, scheme=scheme)
    assert (status, sorted(info)) == (
        200,
        ["apiVersion", "serverTimestamp", "webSocketServerUrl"],
    )
    assert info["webSocketServerUrl"] == url
    assert re.fullmatch(TIMESTAMP, info["serverTimestamp"])


def test_where_the_websocket_is_may_be_set(nobody: Rest, settings: Settings) -> None:
    settings.WEBSOCKET_URL = "wss://devices.example.org/api/websocket"
    assert nobody.get("info")[1]["webSocketServerUrl"] == settings.WEBSOCKET_URL


def test_what_else_anybody_is_told(nobody: Rest) -> None:
    status, cache = nobody.get("info/cache")
    assert (status, sorted(cache)) == (200, ["cacheStats", "serverTimestamp"])
    assert cache["cacheStats"]
    cluster = {"bootstrap.servers": "testserver:80", "zookeeper.connect": "testserver:80"}
    assert nobody.get("info/config/cluster") == (200, cluster)


NAME = "[object Object]"
ENCODED = "%5Bobject%20Object%5D"
LONG_NAME = "Name cannot be empty. The name's length should not be more than 32 symbols."


def test_an_entry_is_put_shown_and_deleted(alice_rest: Rest) -> None:
    path = f"configuration/{ENCODED}"
    unknown = refused(404, f"Requested config with name = {NAME} not found in the database")
    assert alice_rest.get(path) == alice_rest.delete(path) == unknown
    first = {"name": NAME, "value": "5", "entityVersion": 0}
    assert alice_rest.put(path, {"value": 5, "name": "x"}) == (200, first)
    second = first | {"value": "6", "entityVersion": 1}
    assert alice_rest.put(path, {"value": "6"}) == alice_rest.get(path) == (200, second)
    assert Configuration.objects.get(name=NAME).value == "6"
    assert alice_rest.delete(path) == DONE
    assert alice_rest.get(path) == unknown


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("x" * 33, {"value": "1"}, LONG_NAME),
        ("x" * 33, {"value": []}, LONG_NAME),
        ("x" * 33, None, LONG_NAME),
        ("jwt.secret", None, "Configuration name is wrong or empty"),
        ("x", None, NO_BODY[1]["message"]),
        ("x", {}, "Error! Make sure"),
        ("x", {"value": "x" * 129}, "Error! Make sure"),
    ],
)
def test_an_entry_that_is_none(alice_rest: Rest, name: str, body: Any, message: str) -> None:
    status, error = alice_rest.put(f"configuration/{name}", body)
    assert (status, error["error"]) == (400, 400)
    assert error["message"].startswith(message)


def test_configuration_is_for_administrators(bob_rest: Rest, nobody: Rest) -> None:
    for method in "GET", "PUT", "DELETE":
        assert bob_rest.ask(method, "configuration/x") == FORBIDDEN
        assert nobody.ask(method, "configuration/x") == UNAUTHORIZED


def test_the_secret_is_no_entry(alice_rest: Rest) -> None:
    assert alice_rest.get("configuration/jwt.secret")[0] == 404
