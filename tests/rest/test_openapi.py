"""The OpenAPI document keeps the rules of OpenAPI, and what it shows is what happens."""

import copy
import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from jsonschema import Draft202012Validator

from devicehive.documents.endpoints import Endpoint, endpoints
from devicehive.protocol.routes import routes
from tests.commands import run
from tests.example_world import ExampleWorld
from tests.rest.client import Rest


def name_of(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path.text}"


SHOWN = [each for each in endpoints() if each.path.text != "swagger.json"]
"""The document has no example of itself."""
every_endpoint = pytest.mark.parametrize("endpoint", endpoints(), ids=name_of)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/openapi.json").json()
    return found


@pytest.fixture
def world(db: None, live: None) -> ExampleWorld:
    return ExampleWorld()


def operation_of(document: dict[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    path = re.sub(r"<(?:int:)?(\w+)>", r"{\1}", endpoint.path.text)
    found: dict[str, Any] = document["paths"][f"/{path}"][endpoint.method.lower()]
    return found


def breaches(document: dict[str, Any]) -> list[Any]:
    """What is against the rules of OpenAPI."""
    # Here, because every process of a run imports this file, and one or two look.
    from openapi_spec_validator import OpenAPIV31SpecValidator

    return list(OpenAPIV31SpecValidator(document).iter_errors())


def test_it_keeps_the_rules(document: dict[str, Any]) -> None:
    assert breaches(document) == []


def test_the_rules_are_looked_at(document: dict[str, Any]) -> None:
    broken = copy.deepcopy(document)
    del broken["paths"]["/device/{deviceId}"]["get"]["parameters"]
    del broken["info"]["version"]
    assert len(breaches(broken)) == 2


def test_it_has_each_method_of_each_path(document: dict[str, Any]) -> None:
    operations = [operation for path in document["paths"].values() for operation in path]
    assert len(operations) == sum(len(route.methods) for route in routes)
    assert len(operations) == len(endpoints())


def test_each_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = [each["operationId"] for path in document["paths"].values() for each in path.values()]
    assert len(set(names)) == len(names)
    assert {"deviceList", "commandPoll", "commandPollByDeviceId"} <= set(names)


def test_the_order_of_the_sections(document: dict[str, Any]) -> None:
    assert [tag["name"] for tag in document["tags"]] == [
        "Devices",
        "Commands",
        "Notifications",
        "Presence",
        "Networks",
        "Device types",
        "Users",
        "Tokens",
        "Configuration",
        "Server",
    ]


@pytest.mark.parametrize("endpoint", SHOWN, ids=name_of)
def test_the_example_is_answered_as_documented(endpoint: Endpoint, world: ExampleWorld) -> None:
    status, content = world.request(endpoint)
    expected = endpoint.example.content
    assert status == (204 if expected is None else next(iter(endpoint.answers)))
    # As text, for the order of the members counts too.
    assert json.dumps(content) == json.dumps(expected)


@every_endpoint
def test_the_document_shows_the_example(endpoint: Endpoint, document: dict[str, Any]) -> None:
    operation, example = operation_of(document, endpoint), endpoint.example
    shown = {p["name"]: p["example"] for p in operation.get("parameters", []) if "example" in p}
    assert shown == example.path | example.query
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        assert content["example"] == example.body
    if example.content is not None:
        content = operation["responses"][str(endpoint.call.status)]["content"]
        assert content[endpoint.media_type]["example"] == example.content


@every_endpoint
def test_the_example_keeps_the_schemas(endpoint: Endpoint, document: dict[str, Any]) -> None:
    operation = operation_of(document, endpoint)
    shown = [(each["schema"], each) for each in operation.get("parameters", [])]
    with_bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    for each in with_bodies:
        shown += [(media["schema"], media) for media in each.get("content", {}).values()]
    for schema, each in shown:
        if "example" in each:
            validator = Draft202012Validator({**schema, "components": document["components"]})
            assert [error.message for error in validator.iter_errors(each["example"])] == []


def test_the_markdown_is_up_to_date() -> None:
    document = settings.BASE_DIR / "docs" / "rest.md"
    assert document.read_text() == run("protocol", "--rest"), "run `make documents`"


@every_endpoint
def test_the_markdown_has_it(endpoint: Endpoint) -> None:
    row = f"\n| {endpoint.method} | `/{endpoint.template}` | "
    paths, _, _ = (settings.BASE_DIR / "docs" / "rest.md").read_text().partition("Where it differs")
    assert paths.count(row) == 1


def test_what_needs_a_token_says_so(document: dict[str, Any]) -> None:
    assert document["components"]["securitySchemes"]["bearer"] == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token, which `POST /token` gives.",
    }
    paths = document["paths"]
    assert paths["/device"]["get"]["security"] == [{"bearer": []}]
    assert paths["/device"]["get"]["x-permissions"] == ["GetDevice"]
    assert paths["/token"]["post"]["security"] == []


def test_an_operation(document: dict[str, Any]) -> None:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    retry_after = {
        "Retry-After": {
            "description": "Seconds to wait before the next try.",
            "required": True,
            "schema": {"type": "integer"},
        }
    }
    text = "Change the given members. An empty text clears the description; `null` keeps it."
    assert document["paths"]["/network/{networkId}"]["put"] == {
        "operationId": "networkUpdate",
        "tags": ["Networks"],
        "summary": "Change the given members",
        "description": f"{text}\n\nWithout a body nothing changes.",
        "security": [{"bearer": []}],
        "x-permissions": ["ManageNetwork"],
        "parameters": [
            {
                "name": "networkId",
                "in": "path",
                "required": True,
                "schema": {"type": "integer", "format": "int64"},
                "example": 7,
            }
        ],
        "requestBody": {
            "required": False,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/NetworkUpdate"},
                    "example": {"description": "Both floors"},
                }
            },
        },
        "responses": {
            "204": {"description": "No Content"},
            "400": {
                "description": "- `Error! ... On property ...: Field cannot be empty. The length "
                "of name should not be more than 128 symbols. ;`\n"
                "- `Error! ... On property ...: The length of description should not be more than "
                "128 symbols. ;`\n"
                "- `Invalid request parameters`",
                "content": error,
            },
            "401": {"description": "- `Token expired`\n- `Unauthorized`", "content": error},
            "403": {
                "description": "- `Access is denied`\n- `Network cannot be created. Network with "
                "such name already exists`",
                "content": error,
            },
            "404": {
                "description": "- `HTTP 404 Not Found`\n- `Network with id = ... not found`",
                "content": error,
            },
            "408": {"description": "- `HTTP 408 Request Timeout`", "content": error},
            "413": {"description": "- `HTTP 413 Content Too Large`", "content": error},
            "415": {"description": "- `HTTP 415 Unsupported Media Type`", "content": error},
            "429": {
                "description": "- `HTTP 429 Too Many Requests`\n- `Too many messages`",
                "content": error,
                "headers": retry_after,
            },
            "431": {
                "description": "- `HTTP 431 Request Header Fields Too Large: more than 16 KB, "
                "which a token has that lists many networks or device types`",
                "content": error,
            },
            "500": {"description": "- `Internal server error (error ...)`", "content": error},
            "503": {
                "description": "- `Service is temporarily unavailable`",
                "content": error,
                "headers": retry_after,
            },
            "507": {"description": "- `Storage is full`", "content": error},
        },
    }


def parameters_of(document: dict[str, Any], path: str) -> dict[str, Any]:
    return {each["name"]: each["schema"] for each in document["paths"][path]["get"]["parameters"]}


def test_a_body_may_be_left_out_where_that_means_something(document: dict[str, Any]) -> None:
    optional = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if not operation.get("requestBody", {"required": True})["required"]
    }
    assert optional == {
        "PUT /network/{networkId}",
        "PUT /devicetype/{deviceTypeId}",
        "PUT /user/{userId}",
        "PUT /user/current",
    }


@pytest.mark.parametrize(
    ("method", "path", "text"),
    [
        ("post", "/network", "Network is required"),
        ("put", "/network/{networkId}", "Network is required"),
        ("get", "/network/{networkId}", "Network id is wrong or empty"),
        ("put", "/user/{userId}", "User id is wrong or empty"),
    ],
)
def test_the_absence_of_what_a_request_always_has_is_no_error(
    document: dict[str, Any], method: str, path: str, text: str
) -> None:
    responses = document["paths"][path][method]["responses"]
    assert text not in str([each["description"] for each in responses.values()])


def test_parameters_have_types_defaults_and_bounds(document: dict[str, Any]) -> None:
    devices = parameters_of(document, "/device")
    assert devices["sortField"] == {
        "type": "string",
        "enum": ["name", "network", "devicetype", "status"],
    }
    assert devices["sortOrder"] == {"type": "string", "enum": ["ASC", "DESC"]}
    assert devices["take"] == {
        "type": "integer",
        "format": "int32",
        "minimum": 0,
        "default": 2**31 - 1,
    }
    poll = parameters_of(document, "/device/command/poll")
    assert poll["waitTimeout"] == {
        "type": "integer",
        "format": "int32",
        "minimum": 0,
        "maximum": 60,
        "default": 30,
    }
    assert poll["returnUpdatedCommands"] == {"type": "boolean"}
    assert poll["networkIds"] == {
        "type": "array",
        "items": {"type": "integer", "format": "int64"},
    }


def test_lists_in_a_query_are_separated_by_commas(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/device/command/poll"]["get"]["parameters"]
    (names,) = [each for each in parameters if each["name"] == "names"]
    assert (names["style"], names["explode"]) == ("form", False)


def test_a_wait_may_end_with_a_command_or_with_nothing(document: dict[str, Any]) -> None:
    responses = document["paths"]["/device/{deviceId}/command/{commandId}/poll"]["get"]["responses"]
    assert responses["200"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/Command"}}
    }
    assert responses["204"] == {"description": "No Content"}


def test_both_documents_have_the_same_schemas(document: dict[str, Any]) -> None:
    frames = Client().get("/asyncapi.json").json()["components"]["schemas"]
    requests = document["components"]["schemas"]
    shared = frames.keys() & requests.keys()
    assert {name: frames[name] for name in shared} == {name: requests[name] for name in shared}
    assert requests.keys() - shared == {
        "AccessToken",  # A frame has its members beside those of every frame.
        "Configuration",
        "Count",
        "Error",
        "RestInfo",
        "Tokens",
    }


@pytest.mark.parametrize("mount", ["/api/rest", "/auth/rest", "/dh/rest"])
def test_each_mount_has_it_where_clients_look(
    mount: str, nobody: Rest, document: dict[str, Any]
) -> None:
    response = nobody.send("GET", "swagger.json", mount=mount)
    assert response.content == document
    assert response.headers["access-control-allow-origin"] == "*"
    assert {"url": mount} in document["servers"]


def test_pages_from_anywhere_may_read_it() -> None:
    response = Client().get("/openapi.json", headers={"Origin": "https://studio.example"})
    assert response["Access-Control-Allow-Origin"] == "*"
