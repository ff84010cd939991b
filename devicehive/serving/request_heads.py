"""What the head of an HTTP request says: its target and its headers."""

import re

from daphne.utils import INVALID_HEADER_VALUE_BYTES
from twisted.web.http_headers import Headers

INVALID_VALUE_BYTES = bytes(INVALID_HEADER_VALUE_BYTES)
ABSOLUTE = re.compile(rb"(?:http|ws)s?://([^/?]+)/?", re.IGNORECASE)
"""What is before the path in the request line of a client that believes it speaks to a proxy."""
OF_THE_SERVER = b"OPTIONS", b"*"
"""The only request that is about no path, but about the server as a whole (RFC 9110, 9.3.7)."""


def read_target(target: bytes) -> tuple[bytes | None, bytes]:
    """The host that a target names, if it is a URL, and the rest of it."""
    if target.startswith(b"/") or not (absolute := ABSOLUTE.match(target)):
        return None, target
    return absolute[1], b"/" + target[absolute.end() :]


def read_headers(headers: Headers) -> list[tuple[bytes, bytes]] | None:
    """The headers for the scope, or None if a value has bytes that it may not have."""
    found = []
    for name, values in headers.getAllRawHeaders():
        for value in values:
            if len(value.translate(None, INVALID_VALUE_BYTES)) != len(value):
                return None
            if b"_" not in name:  # CVE-2015-0219: to Django it would be a hyphen.
                found.append((name.lower(), value))
    return found
