"""Marks cookies as Secure if the request came over TLS."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse


def secure_cookies(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Middleware that sets Secure by the scheme of each request. Django's settings would set it for
    all requests, and without TLS nobody could log in."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.is_secure():
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response

    return respond
