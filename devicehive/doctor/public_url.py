"""Examines the server as devices reach it: through DNS, TLS and the proxy."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from websockets.exceptions import (
    ConnectionClosed,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)
from websockets.sync.client import ClientConnection, connect

from devicehive.doctor.findings import Finding, failure, ok, warning

SECONDS_TO_ANSWER = 10
DAYS_TO_RENEW = 14
"""A certificate that is not renewed so many days before its end is a finding. Clients of Let's
Encrypt renew it a month before."""
UNREACHED = "The proxy does not reach the server: is it running, at the address that the proxy has?"
WAYS = {
    200: "Something else answers: the proxy sends this path elsewhere.",
    400: "The proxy speaks TLS on this port, so use wss://; or it does not pass Upgrade and "
    "Connection on: docs/behind-a-proxy.md.",
    401: "The proxy asks for a password, which devices do not have.",
    403: "ALLOWED_ORIGINS, or the proxy, refuses it.",
    404: "The path is wrong, or the name leads to another server. See PATH_PREFIX.",
    426: "The proxy does not pass Upgrade and Connection on: docs/behind-a-proxy.md.",
    429: "Too many connections come from one address: set TRUST_PROXY=on behind a proxy.",
    500: "Look into the logs of the server and of the proxy.",
    502: UNREACHED,
    503: UNREACHED,
    504: UNREACHED,
}

DISTRUST = {
    "has expired": "Renew it, see why that did not happen by itself, and reload the proxy.",
    "not yet valid": "It begins later, or the clock of this machine is behind.",
    "mismatch": "Get one for this name, or use a name that it has; see server_name in the proxy.",
    "self": "Devices trust it only if they have it. SSL_CERT_FILE names it to this command.",
    "issuer": "Have the proxy send the whole chain (fullchain.pem). Devices must know its issuer; "
    "SSL_CERT_FILE names your own to this command.",
}
"""By words in OpenSSL's message that a certificate is not trusted: what to do."""


def handshake(url: str, *, waits: bool) -> Iterator[Finding]:
    """Whether a WebSocket can be opened, whether clients are told the right scheme, and with
    `waits`, whether the connection survives a time of silence."""
    try:
        with connect(url, open_timeout=SECONDS_TO_ANSWER, proxy=None) as client:
            yield ok(f"{url} answers as a WebSocket")
            yield from _scheme(client, urlsplit(url).scheme)
            if waits:
                yield from _silence(client)
    except InvalidStatus as error:
        status = error.response.status_code
        yield failure(f"{url} answers {status}", WAYS.get(status, "Look into the proxy's log."))
    except ssl.SSLCertVerificationError as error:
        yield failure(f"{url}: {error.verify_message}", _advice_on(error))
    except ssl.SSLError as error:
        advice = "This port does not speak TLS: is it the wrong one, or should it be ws://?"
        yield failure(f"{url}: {error.reason or error}", advice)
    except InvalidURI as error:
        advice = "Devices follow no redirect: have the proxy pass it on, or give them that URL."
        yield failure(f"{url} redirects to {error.uri}", advice)
    except (OSError, WebSocketException) as error:
        yield failure(f"{url}: {error}", "Is the name right, the port open, the proxy running?")


def _advice_on(error: ssl.SSLCertVerificationError) -> str:
    for words, advice in DISTRUST.items():
        if words in error.verify_message:
            return advice
    return "Look at the certificate: openssl s_client -connect HOST:443 -servername HOST."


def _scheme(client: ClientConnection, scheme: str) -> Iterator[Finding]:
    client.send(json.dumps({"action": "server/info"}))
    answer: dict[str, Any] = json.loads(client.recv(timeout=SECONDS_TO_ANSWER))
    told = urlsplit(str(answer.get("info", {}).get("restServerUrl", ""))).scheme
    wanted = {"wss": "https", "ws": "http"}[scheme]
    if told != wanted:
        yield warning(
            f"restServerUrl says {told}://, but clients connect by {scheme}://",
            "Have the proxy send X-Forwarded-Proto, and set TRUST_PROXY=on.",
        )


def _silence(client: ClientConnection) -> Iterator[Finding]:
    """Whether the connection survives a time in which only the server's pings are sent, which have
    to keep the proxy from closing it."""
    seconds = settings.PING_SECONDS + 5
    try:
        with suppress(TimeoutError):
            client.recv(timeout=seconds)
        client.ping().wait(SECONDS_TO_ANSWER)
        client.send(json.dumps({"action": "server/info"}))
        client.recv(timeout=SECONDS_TO_ANSWER)
    except (ConnectionClosed, TimeoutError):
        yield failure(
            f"the connection was cut within {seconds} s of silence",
            "Let the proxy wait longer (nginx: proxy_read_timeout 1h), or lower PING_SECONDS.",
        )
    else:
        yield ok(f"a connection survives {seconds} s of silence")


def certificate(url: str) -> Iterator[Finding]:
    """How long the certificate is still valid. `handshake` finds one that is invalid."""
    parts = urlsplit(url)
    if parts.scheme != "wss" or parts.hostname is None:
        return
    address = (parts.hostname, parts.port or 443)
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection(address, timeout=SECONDS_TO_ANSWER) as tcp,
            context.wrap_socket(tcp, server_hostname=parts.hostname) as secured,
        ):
            found = secured.getpeercert() or {}
    except OSError:
        return
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)
    days = (until - datetime.now(UTC)).days
    if days < DAYS_TO_RENEW:
        yield warning(f"the certificate expires in {days} days", "See why it is not renewed.")
    else:
        yield ok(f"the certificate is valid for {days} days")
