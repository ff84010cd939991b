"""The pages of Django's errors: what happened, a way home, and an id that stands in the log too."""

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
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "This is more than the server takes at once.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong in the server.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database does not answer. Try it again in a moment.",
    HTTPStatus.INSUFFICIENT_STORAGE: "The disk of the database is full.",
}
STALE_FORM = (
    "The form is too old, or was opened before you logged in. Go back, reload the page and send it "
    "again."
)


class NameErrors(logging.Filter):
    """Writes the id of the error page into the line that Django logs of the request, and no more
    than a line of what is the client's fault, such as a name that is not in ALLOWED_HOSTS, or the
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
    """The id under which a failed request is in the log."""
    if not hasattr(request, "error_id"):
        request.error_id = secrets.token_hex(4)
    return str(request.error_id)


def refuse_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Middleware: an address with a NUL leads nowhere, and PostgreSQL takes none as text."""

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
    """What Django answers to a form without the token against forged requests."""
    return _page(request, HTTPStatus.FORBIDDEN, STALE_FORM)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, HTTPStatus.NOT_FOUND)


def failed(request: HttpRequest) -> HttpResponse:
    """With what its requests are refused with if the database has failed (R-49)."""
    refused = refusal_of(sys.exc_info()[1])
    return _page(request, HTTPStatus(refused.code if refused else 500))


def _page(request: HttpRequest, status: HTTPStatus, text: str = "") -> HttpResponse:
    context = {
        "status": status.value,
        "title": status.phrase,
        "text": text or TEXTS[status],
        "id": error_id(request),
    }
    # Without the request: what has failed may be the session or the database.
    return render(None, "devicehive/error.html", context, status=status)
