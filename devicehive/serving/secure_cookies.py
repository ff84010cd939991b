"""Cookies that go over TLS alone, wherever TLS is."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse


def secure_cookies(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Middleware: follows the request. Django's settings know one scheme for all, and without TLS
    nobody could log in."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.is_secure():
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response

    return respond
