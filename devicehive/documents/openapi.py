"""Generates the OpenAPI 3.1 document of REST, for programs."""

from functools import cache
from http import HTTPStatus
from itertools import groupby
from typing import Any

from django.conf import settings

from devicehive import API_VERSION
from devicehive.documents.components import Components, refer
from devicehive.documents.endpoints import Endpoint, endpoints
from devicehive.documents.introduction import REST_PARAGRAPHS, REST_TITLE
from devicehive.documents.schemas import Schema
from devicehive.protocol.routes import MOUNTS

ERROR: Schema = {
    "title": "Error",
    "type": "object",
    "properties": {"error": {"type": "integer"}, "message": {"type": "string"}},
    "required": ["error", "message"],
}
SAY_WHEN = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
RETRY_AFTER_HEADER = {
    "description": "Seconds to wait before the next try.",
    "required": True,
    "schema": {"type": "integer"},
}
BEARER = "bearer"
BEARER_SCHEME = {
    "type": "http",
    "scheme": BEARER,
    "bearerFormat": "JWT",
    "description": "An access token, which `POST /token` gives.",
}


@cache
def openapi_document() -> dict[str, Any]:
    """The document as JSON types. It is the same on every host, because its server URLs are
    relative to where the document is found."""
    components: Components = {}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints():
        methods = paths.setdefault(f"/{endpoint.template}", {})
        methods[endpoint.method.lower()] = _operation(endpoint, components)
    sections = dict.fromkeys(endpoint.section for endpoint in endpoints())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"DeviceHive: {REST_TITLE}",
            "version": API_VERSION,
            "description": "\n\n".join(REST_PARAGRAPHS),
        },
        "servers": [{"url": f"{settings.PATH_PREFIX}{mount}"} for mount in MOUNTS],
        "tags": [{"name": title} for title in sections],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {BEARER: BEARER_SCHEME},
        },
    }


def _operation(endpoint: Endpoint, components: Components) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _operation_id(endpoint),
        "tags": [endpoint.section],
        "summary": endpoint.summary,
        "description": endpoint.text,
        "security": [{BEARER: []}] if endpoint.permissions else [],
        "x-permissions": endpoint.permissions,
    }
    if parameters := _parameters(endpoint):
        operation["parameters"] = parameters
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": endpoint.needs_body,
            "content": {
                "application/json": {
                    "schema": refer(endpoint.body, components),
                    "example": endpoint.example.body,
                }
            },
        }
    return operation | {"responses": _responses(endpoint, components)}


def _operation_id(endpoint: Endpoint) -> str:
    """A unique name such as `deviceList`. If an action has several paths, the name also has the
    path members that not all of them have."""
    first, *rest = endpoint.action.name.removeprefix("rest/").split("/")
    name = first + "".join(part[0].upper() + part[1:] for part in rest)
    same = [each for each in endpoints() if each.action.name == endpoint.action.name]
    in_all = [each.path.members for each in same]
    added = {name for name in endpoint.path.members if not all(name in each for each in in_all)}
    return name + "".join(f"By{member[0].upper()}{member[1:]}" for member in sorted(added))


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    example = endpoint.example
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": schema}
        | {"example": example.path[name]}
        for name, schema in endpoint.in_path.items()
    ]
    return in_path + [
        _query(name, schema, example.query) for name, schema in endpoint.in_query.items()
    ]


def _query(name: str, schema: Schema, example: dict[str, Any]) -> dict[str, Any]:
    parameter: dict[str, Any] = {"name": name, "in": "query", "schema": schema}
    if schema.get("type") == "array":
        parameter |= {"style": "form", "explode": False}  # a,b,c
    return parameter | ({"example": example[name]} if name in example else {})


def _responses(endpoint: Endpoint, components: Components) -> dict[str, Any]:
    responses = {
        str(status): _success(endpoint, status, schema, components)
        for status, schema in endpoint.answers.items()
    }
    for code, errors in groupby(endpoint.errors, key=lambda error: error.code):
        texts = "\n".join(f"- `{error.text}`" for error in errors)
        content = {"application/json": {"schema": refer(ERROR, components)}}
        headers = {"headers": {"Retry-After": RETRY_AFTER_HEADER}} if code in SAY_WHEN else {}
        responses[str(code)] = {"description": texts, "content": content} | headers
    return responses


def _success(
    endpoint: Endpoint, status: int, schema: Schema | None, components: Components
) -> dict[str, Any]:
    described = {"description": HTTPStatus(status).phrase}
    if schema is None:
        return described
    content: dict[str, Any] = {"schema": refer(schema, components)}
    if endpoint.example.content is not None:
        content["example"] = endpoint.example.content
    return described | {"content": {endpoint.media_type: content}}
