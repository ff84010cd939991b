"""Generates the AsyncAPI 3 document of the WebSocket protocol, for programs.

The application that it describes is the server: it "receives" requests and "sends" pushes.
"""

from typing import Any

from django.conf import settings

from devicehive import API_VERSION
from devicehive.documents.components import Components, refer
from devicehive.documents.described import (
    ANY_ACTION,
    Described,
    DescribedPush,
    described_pushes,
    sections,
)
from devicehive.documents.examples import Frame
from devicehive.documents.introduction import PARAGRAPHS, TITLE
from devicehive.documents.schemas import Schema
from devicehive.hosts import WEBSOCKET_PATH

CHANNEL = "connection"
ERROR = "error"


def asyncapi_document(*, host: str, secure: bool) -> dict[str, Any]:
    """The document as JSON types. `host` is where clients reach the server, as `host[:port]`."""
    messages = {ERROR: _error()}
    operations = {}
    for section in sections():
        for action in section.actions:
            key = _key(action)
            messages[key] = _request(action)
            messages[f"{key}.success"] = _success(action)
            operations[key] = _operation(action) | {"tags": [{"name": section.title}]}
    for push in described_pushes():
        key = f"push.{_key(push)}"
        messages[key] = _push(push)
        operations[key] = _pushing(push, key)
    components: Components = {}
    for message in messages.values():
        message["payload"] = refer(message["payload"], components)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"DeviceHive: {TITLE[0].lower()}{TITLE[1:]}",
            "version": API_VERSION,
            "description": "\n\n".join(PARAGRAPHS),
        },
        "defaultContentType": "application/json",
        "servers": {"this": _server(host, secure=secure)},
        "channels": {CHANNEL: {"address": WEBSOCKET_PATH, "messages": messages}},
        "operations": operations,
        "components": {"schemas": components},
    }


def _server(host: str, *, secure: bool) -> dict[str, str]:
    server = {"host": host, "protocol": "wss" if secure else "ws"}
    return server | {"pathname": settings.PATH_PREFIX} if settings.PATH_PREFIX else server


def _key(action: Described | DescribedPush) -> str:
    # A slash would have to be escaped in every reference.
    return action.name.replace("/", ".")


def _operation(action: Described) -> dict[str, Any]:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{CHANNEL}"},
        "title": action.name,
        "description": action.text,
        "messages": [_reference(_key(action))],
        "reply": {"messages": [_reference(f"{_key(action)}.success"), _reference(ERROR)]},
        "x-permissions": action.permissions,
        "x-errors": [
            {"code": error.code, "error": error.text} for error in [*action.errors, *ANY_ACTION]
        ],
    }


def _pushing(push: DescribedPush, key: str) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{CHANNEL}"},
        "title": f"Push of {push.name}",
        "description": push.text,
        "messages": [_reference(key)],
    }


def _push(push: DescribedPush) -> dict[str, Any]:
    schema = push.schema
    return _message(
        f"{push.name}: push", schema["properties"], schema["required"], example=push.example
    )


def _reference(message: str) -> dict[str, str]:
    return {"$ref": f"#/channels/{CHANNEL}/messages/{message}"}


def _request(action: Described) -> dict[str, Any]:
    return _message(
        action.name,
        {"action": {"const": action.name}, "requestId": {}} | action.request["properties"],
        ["action", *action.request["required"]],
        example=action.example.request,
    )


def _success(action: Described) -> dict[str, Any]:
    echo = {
        "action": {"const": action.name},
        "requestId": {},
        "status": {"const": "success"},
    }
    return _message(
        f"{action.name}: success",
        echo | action.answer["properties"],
        [*echo, *action.answer["required"]],
        example=action.example.answer,
    )


def _error() -> dict[str, Any]:
    members: Schema = {
        "action": {},
        "requestId": {},
        "status": {"const": "error"},
        "code": {"type": "integer"},
        "error": {"type": "string"},
    }
    return _message(ERROR, members, ["status", "code", "error"], example=None)


def _message(
    name: str, members: Schema, required: list[str], *, example: Frame | None
) -> dict[str, Any]:
    payload = {"type": "object", "properties": members, "required": required}
    message = {"name": name, "title": name, "payload": payload}
    return message if example is None else message | {"examples": [{"payload": example}]}
