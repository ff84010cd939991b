"""The documents of the protocol: complete, up to date, and readable without scripts."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.html import escape

from devicehive.documents.described import anchor_of
from devicehive.documents.examples import example_of, example_of_push, lay_out
from devicehive.documents.introduction import TITLE
from devicehive.documents.schemas import UnknownTypeError, schema_of
from devicehive.documents.sections import titles
from devicehive.events.pushes import pushes
from devicehive.protocol.actions import registry
from devicehive.protocol.bodies import Body, Needed, Params
from devicehive.protocol.shapes import NULL, Int, Long, Obj, Str, Timestamp
from devices.refusals import DeviceRefusal
from devices.schemas.limits import Name, SortOrder
from tests.commands import run

OPERATIONS = {name.replace("/", ".") for name in registry}
PUSHES = {f"push.{name.replace('/', '.')}" for name in pushes}


@pytest.fixture(scope="module")
def markdown() -> str:
    return run("protocol")


@pytest.fixture(scope="module")
def page_text() -> str:
    return Client().get("/docs/").content.decode()


@pytest.fixture(scope="module")
def asyncapi() -> dict[str, Any]:
    document: dict[str, Any] = Client().get("/asyncapi.json", HTTP_HOST="localhost:8000").json()
    return document


def test_the_markdown_is_up_to_date(markdown: str) -> None:
    document = settings.BASE_DIR / "docs" / "protocol.md"
    assert document.read_text() == markdown, "run `make documents`"


@pytest.mark.parametrize("name", sorted(registry))
def test_the_markdown_has_each_action(name: str, markdown: str) -> None:
    assert f"\n### {name}\n" in markdown


def headings_of(document: str) -> list[str]:
    return re.findall(r"^#+ (.*)", document, re.MULTILINE)


def test_links_within_the_markdown_lead_somewhere(markdown: str) -> None:
    anchors = [anchor_of(heading) for heading in headings_of(markdown)]
    assert len(anchors) == len(set(anchors))
    links = re.findall(r"\]\(#([^)]*)\)", markdown)
    assert set(links) == set(anchors) - {anchor_of(TITLE)}


def test_links_within_the_page_lead_somewhere(page_text: str) -> None:
    ids = re.findall(r' id="([^"]*)"', page_text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r' href="#([^"]*)"', page_text)) <= set(ids)


def test_each_action_and_push_has_one_anchor_in_both_forms(markdown: str, page_text: str) -> None:
    listed = [anchor_of(heading) for heading in headings_of(markdown)]
    assert re.findall(r'<h[23] id="([^"]*)"', page_text) == listed[1:]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Device types", "device-types"),
        ("user/getDeviceTypes", "usergetdevicetypes"),
        ("Push of command/insert", "push-of-commandinsert"),
    ],
)
def test_the_anchor_of_a_heading(heading: str, anchor: str) -> None:
    assert anchor_of(heading) == anchor


def test_the_order_of_the_sections(markdown: str) -> None:
    assert re.findall(r"^## (.*)", markdown, re.MULTILINE) == [
        "Devices",
        "Commands",
        "Notifications",
        "Presence",
        "Subscriptions",
        "Networks",
        "Device types",
        "Users",
        "Tokens",
        "Configuration",
        "Server",
        "What the server pushes",
    ]


def test_the_page_has_each_action_and_a_link_to_it(page_text: str) -> None:
    for name in registry:
        assert page_text.count(f'href="#{anchor_of(name)}"') == 2, name


@pytest.mark.parametrize("name", registry)
def test_each_form_has_the_example_of_the_action(
    name: str, markdown: str, page_text: str, asyncapi: dict[str, Any]
) -> None:
    example = example_of(registry[name])
    messages = asyncapi["channels"]["connection"]["messages"]
    key = name.replace("/", ".")
    for frame, message in zip(example, (key, f"{key}.success"), strict=True):
        assert f"```json\n{lay_out(frame)}\n```" in markdown
        assert f"<code>{escape(lay_out(frame))}</code></pre>" in page_text
        assert messages[message]["examples"] == [{"payload": frame}]


def test_the_page_needs_nothing_from_elsewhere(page_text: str) -> None:
    used = re.findall(r'(?:src|href)="(?!#)([^"]*)"', page_text)
    assert used == [
        "/static/devicehive/favicon.svg",
        "/static/devicehive/documents.css",
        "/static/devicehive/search.js",
        "/asyncapi.json",
        "/docs/rest/",
        "/openapi.json",
    ]
    static = settings.BASE_DIR / "devicehive" / "static" / "devicehive"
    for file in "documents.css", "search.js":
        assert not re.search(r"url\(|@import|https?:", (static / file).read_text())


def test_the_page_shows_texts_as_they_are(page_text: str) -> None:
    assert "<code>&#x27;parameters&#x27; must be JSON Object!</code>" in page_text
    assert "which needs a <code>name</code>, or update" in page_text


def test_the_asyncapi_document_describes_this_server(asyncapi: dict[str, Any]) -> None:
    assert asyncapi["asyncapi"] == "3.0.0"
    assert asyncapi["servers"] == {"this": {"host": "localhost:8000", "protocol": "ws"}}
    assert asyncapi["channels"]["connection"]["address"] == "/api/websocket"


def test_pages_from_anywhere_may_read_the_asyncapi_document() -> None:
    response = Client().get("/asyncapi.json", headers={"Origin": "https://studio.example"})
    assert response["Access-Control-Allow-Origin"] == "*"


def test_the_asyncapi_document_has_each_action(asyncapi: dict[str, Any]) -> None:
    assert asyncapi["operations"].keys() == OPERATIONS | PUSHES
    messages = asyncapi["channels"]["connection"]["messages"].keys()
    answers = {f"{each}.success" for each in OPERATIONS} | {"error"}
    assert messages == OPERATIONS | answers | PUSHES


@pytest.mark.parametrize("name", ["command/insert", "command/update", "notification/insert"])
def test_the_documents_have_each_push(
    name: str, markdown: str, page_text: str, asyncapi: dict[str, Any]
) -> None:
    example = example_of_push(name, registry[name])
    assert f"\n### Push of {name}\n" in markdown
    assert f"```json\n{lay_out(example)}\n```" in markdown
    assert escape(lay_out(example)) in page_text
    assert f">Push of {name}</a></h3>" in page_text
    key = f"push.{name.replace('/', '.')}"
    assert asyncapi["operations"][key]["action"] == "send"
    message = asyncapi["channels"]["connection"]["messages"][key]
    assert message["examples"] == [{"payload": example}]


def test_an_operation_of_the_asyncapi_document(asyncapi: dict[str, Any]) -> None:
    message = "#/channels/connection/messages/device.get"
    assert asyncapi["operations"]["device.get"] == {
        "action": "receive",
        "channel": {"$ref": "#/channels/connection"},
        "title": "device/get",
        "description": "One device.",
        "messages": [{"$ref": message}],
        "reply": {
            "messages": [
                {"$ref": f"{message}.success"},
                {"$ref": "#/channels/connection/messages/error"},
            ]
        },
        "tags": [{"name": "Devices"}],
        "x-permissions": ["GetDevice"],
        "x-errors": [
            {"code": 400, "error": "Device id is wrong or empty"},
            {"code": 401, "error": "Unauthorized"},
            {"code": 403, "error": "Access is denied"},
            {"code": 404, "error": "Device with such deviceId = ... not found"},
            {"code": 400, "error": "Malformed Json received."},
            {"code": 400, "error": "Answer is too large: use take and skip"},
            {"code": 401, "error": "Token expired"},
            {"code": 429, "error": "Too many messages"},
            {"code": 500, "error": "Internal server error (error ...)"},
            {"code": 503, "error": "Service is temporarily unavailable"},
            {"code": 507, "error": "Storage is full"},
        ],
    }


def test_a_request_in_the_asyncapi_document(asyncapi: dict[str, Any]) -> None:
    payload = asyncapi["channels"]["connection"]["messages"]["network.update"]["payload"]
    assert payload == {
        "type": "object",
        "properties": {
            "action": {"const": "network/update"},
            "requestId": {},
            "networkId": {"type": "integer", "format": "int64"},
            "network": {"$ref": "#/components/schemas/NetworkUpdate"},
        },
        "required": ["action", "networkId", "network"],
    }
    assert asyncapi["components"]["schemas"]["NetworkUpdate"] == {
        "title": "NetworkUpdate",
        "type": "object",
        "properties": {
            "name": {"type": ["string", "null"], "minLength": 1, "maxLength": 128},
            "description": {"type": ["string", "null"], "maxLength": 128},
        },
        "required": [],
    }


def test_the_same_object_has_the_same_name_everywhere(asyncapi: dict[str, Any]) -> None:
    messages = asyncapi["channels"]["connection"]["messages"]
    device = {"$ref": "#/components/schemas/Device"}
    got = messages["device.get.success"]["payload"]["properties"]
    listed = messages["device.list.success"]["payload"]["properties"]
    assert got["device"] == device
    assert listed["devices"] == {"type": "array", "items": device}
    networks = messages["network.list.success"]["payload"]["properties"]["networks"]
    types = messages["devicetype.list.success"]["payload"]["properties"]["deviceTypes"]
    assert networks["items"] == {"$ref": "#/components/schemas/Network"}
    assert types["items"] == {"$ref": "#/components/schemas/DeviceType"}


class Inner(Body):
    ids: list[Long] | None = None


class Example(Params, kw_only=True):
    device_id: Needed[Str, DeviceRefusal.ID_REQUIRED]
    name: Name | None = None
    sort_order: SortOrder | None = None
    inner: Needed[Inner, DeviceRefusal.EMPTY]
    data: Obj = NULL
    at: Timestamp | None = None
    names: set[Str] | None = None
    either: int | str | None = None
    take: Int = 5
    share: float = 0.5


@pytest.mark.parametrize(
    ("member", "schema"),
    [
        ("deviceId", {"type": "string"}),
        ("name", {"type": ["string", "null"], "minLength": 1, "maxLength": 128}),
        ("sortOrder", {"type": ["string", "null"], "enum": ["ASC", "DESC", None]}),
        ("data", {"type": ["object", "null"]}),
        ("names", {"type": ["array", "null"], "items": {"type": "string"}}),
        ("either", {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        ("take", {"type": ["integer", "null"], "format": "int32"}),
        ("share", {"type": ["number", "null"]}),
    ],
)
def test_the_schema_of_a_member(member: str, schema: dict[str, Any]) -> None:
    assert schema_of(Example)["properties"][member] == schema


def test_a_type_without_a_schema_is_named() -> None:
    with pytest.raises(UnknownTypeError, match="DateTimeType has no schema"):
        schema_of(list[datetime])


def test_members_that_are_needed() -> None:
    schema = schema_of(Example)
    assert schema["required"] == ["deviceId", "inner"]
    assert schema["properties"]["inner"]["required"] == []


def test_every_module_of_the_server_is_in_a_section() -> None:
    assert {action.handler.__module__ for action in registry.values()} <= titles.keys()
