"""Reads the target and the headers of an HTTP request."""

import re

from daphne.utils import INVALID_HEADER_VALUE_BYTES
from twisted.web.http_headers import Headers

INVALID_VALUE_BYTES = bytes(INVALID_HEADER_VALUE_BYTES)
ABSOLUTE = re.compile(rb"(?:http|ws)s?://([^/?]+)/?", re.IGNORECASE)
"""The part of a request target before the path, if the client sends a URL, as to a proxy."""
OF_THE_SERVER = b"OPTIONS", b"*"
"""The method and target of the only request without a path: it is about the whole server (RFC 9110,
9.3.7)."""


def read_target(target: bytes) -> tuple[bytes | None, bytes]:
    """The host in a request target, if that is a URL, otherwise None; and the path with query."""
    if target.startswith(b"/") or not (absolute := ABSOLUTE.match(target)):
        return None, target
    return absolute[1], b"/" + target[absolute.end() :]


def read_headers(headers: Headers) -> list[tuple[bytes, bytes]] | None:
    """The headers for the ASGI scope, or None if a value has bytes that are not allowed."""
    found = []
    for name, values in headers.getAllRawHeaders():
        for value in values:
            if len(value.translate(None, INVALID_VALUE_BYTES)) != len(value):
                return None
            if b"_" not in name:  # CVE-2015-0219: Django would take it for a hyphen.
                found.append((name.lower(), value))
    return found
