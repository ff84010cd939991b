"""The views that serve the documents of the running server over HTTP."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from devicehive.documents import asyncapi
from devicehive.documents.described import (
    ANY_ACTION,
    NO_ACTION,
    anchor_of,
    described_pushes,
    sections,
)
from devicehive.documents.introduction import ABOUT_PUSHES, PARAGRAPHS, PUSHES, REST_TITLE, TITLE
from devicehive.documents.openapi import openapi_document

FOR_ALL_ORIGINS = {"Access-Control-Allow-Origin": "*"}
"""The documents are public, so pages of any origin may read them: viewers and generators of clients
run elsewhere."""

SWAGGER_UI_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""Allows nothing from other hosts, and scripts only as files. Swagger UI sets style attributes, and
has its icons in its style sheet, as `data:` URLs."""


def for_programs(request: HttpRequest) -> HttpResponse:
    """The AsyncAPI document."""
    document = asyncapi.asyncapi_document(host=request.get_host(), secure=request.is_secure())
    return JsonResponse(document, headers=FOR_ALL_ORIGINS)


def for_rest_programs(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    return JsonResponse(openapi_document(), headers=FOR_ALL_ORIGINS)


def for_people(request: HttpRequest) -> HttpResponse:
    """The page about the WebSocket protocol."""
    context = {
        "title": TITLE,
        "paragraphs": PARAGRAPHS,
        "sections": sections(),
        "pushes_title": PUSHES,
        "pushes_anchor": anchor_of(PUSHES),
        "about_pushes": ABOUT_PUSHES,
        "pushes": described_pushes(),
        "any_action": ANY_ACTION,
        "no_action": NO_ACTION,
    }
    return render(request, "devicehive/documents.html", context)


def of_rest_for_people(request: HttpRequest) -> HttpResponse:
    """The page about REST, which shows the OpenAPI document in Swagger UI."""
    page = render(request, "devicehive/rest.html", {"title": REST_TITLE})
    page["Content-Security-Policy"] = SWAGGER_UI_POLICY
    return page
