"""The AsyncAPI document keeps the rules of AsyncAPI, and its examples keep its schemas."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

from devicehive.events.pushes import pushes
from devicehive.protocol.actions import registry

RULES = Draft7Validator(json.loads((Path(__file__).parent / "asyncapi" / "3.0.0.json").read_text()))
KEYS = [name.replace("/", ".") for name in registry]
SHOWN = [*KEYS, *(f"{key}.success" for key in KEYS)]
PUSHED = [f"push.{name.replace('/', '.')}" for name in pushes]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/asyncapi.json", HTTP_HOST="localhost:8000").json()
    return found


def messages(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["channels"]["connection"]["messages"]
    return found


def validator(document: dict[str, Any], message: str) -> Draft7Validator:
    """For payloads of the message; references in its schema are into the document."""
    return Draft7Validator({**messages(document)[message]["payload"], **document})


def test_it_keeps_the_rules(document: dict[str, Any]) -> None:
    broken = best_match(RULES.iter_errors(document))
    assert broken is None, f"{broken.json_path}: {broken.message}"


def test_the_rules_are_looked_at(document: dict[str, Any]) -> None:
    broken = copy.deepcopy(document)
    broken["operations"]["device.get"]["action"] = "answer"
    del broken["info"]["version"]
    assert {error.absolute_path[0] for error in RULES.iter_errors(broken)} == {
        "info",
        "operations",
    }


def test_references_lead_somewhere(document: dict[str, Any]) -> None:
    for reference in re.findall(r'"\$ref": "#/([^"]*)"', json.dumps(document)):
        found: Any = document
        for key in reference.split("/"):
            found = found[key]


def test_operations_name_messages_of_their_channel(document: dict[str, Any]) -> None:
    start = "#/channels/connection/messages/"
    for operation in document["operations"].values():
        named = operation["messages"] + operation.get("reply", {"messages": []})["messages"]
        assert all(each["$ref"].startswith(start) for each in named)


@pytest.mark.parametrize("message", SHOWN + PUSHED)
def test_the_example_is_valid(message: str, document: dict[str, Any]) -> None:
    schema = validator(document, message)
    (example,) = messages(document)[message]["examples"]
    assert [error.message for error in schema.iter_errors(example["payload"])] == []


@pytest.mark.parametrize("message", SHOWN + PUSHED)
def test_an_example_without_what_is_required_is_not_valid(
    message: str, document: dict[str, Any]
) -> None:
    schema = validator(document, message)
    (example,) = messages(document)[message]["examples"]
    for name in messages(document)[message]["payload"]["required"]:
        without = {key: value for key, value in example["payload"].items() if key != name}
        assert not schema.is_valid(without)
