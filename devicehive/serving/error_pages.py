"""The error pages of Django's views, each with an id that is also in the log."""

import logging
import secrets
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from devicehive.orm.failures import note_failure, refusal_of

TEXTS = {
    HTTPStatus.BAD_REQUEST: "The server cannot make sense of this request.",
    HTTPStatus.FORBIDDEN: "You may not do this.",
    HTTPStatus.NOT_FOUND: "There is no such page.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "This request is too large.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong in the server.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database does not answer. Try again in a moment.",
    HTTPStatus.INSUFFICIENT_STORAGE: "The disk of the database is full.",
}
STALE_FORM = (
    "The form is too old, or was opened before you logged in. Go back, reload the page and send it "
    "again."
)


class NameErrors(logging.Filter):
    """Adds the id of the error page to Django's log line about the request. Removes the traceback
    if the error is the client's fault, such as a host that is not in ALLOWED_HOSTS, or the
    database's."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.exc_info = None
        error = record.exc_info[1] if record.exc_info else None
        if refusal_of(error):
            note_failure(error, "pages are refused")
            record.exc_info = None
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            record.msg = f"{record.msg} (error {error_id(request)})"
        return True


def error_id(request: Any) -> str:
    """The id of a failed request in the log."""
    if not hasattr(request, "error_id"):
        request.error_id = secrets.token_hex(4)
    return str(request.error_id)


def refuse_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Middleware that answers 404 to URLs with a NUL, which PostgreSQL refuses in texts."""

    def respond(request: HttpRequest) -> HttpResponse:
        query = request.GET.lists()
        if "\0" in request.path or any("\0" in name + "".join(texts) for name, texts in query):
            raise Http404
        return get_response(request)

    return respond


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _page(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return _page(request, HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, HTTPStatus.FORBIDDEN)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form with a missing or wrong CSRF token."""
    return _page(request, HTTPStatus.FORBIDDEN, STALE_FORM)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, HTTPStatus.NOT_FOUND)


def failed(request: HttpRequest) -> HttpResponse:
    """The page for an exception; if the database has failed, with the status of R-49."""
    refused = refusal_of(sys.exc_info()[1])
    return _page(request, HTTPStatus(refused.code if refused else 500))


def _page(request: HttpRequest, status: HTTPStatus, text: str = "") -> HttpResponse:
    context = {
        "status": status.value,
        "title": status.phrase,
        "text": text or TEXTS[status],
        "id": error_id(request),
    }
    # Rendered without the request, whose session or database may be what has failed.
    return render(None, "devicehive/error.html", context, status=status)
