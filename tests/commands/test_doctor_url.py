"""manage.py doctor --url: the way that devices take, which is broken in one place each.

What the command does with what is found is seen on the ways that are examined by a process of its
own; the others are examined in this one.
"""

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from devicehive.doctor import public_url
from devicehive.doctor.findings import Finding, Severity, failure
from tests.commands import run_refused
from tests.commands.test_doctor import FAILED, WARNING, Installation, doctor, found, installation

__all__ = ["installation"]


def examine(url: str) -> list[Finding]:
    """What the command finds out about this address."""
    return [*public_url.handshake(url, waits=False), *public_url.certificate(url)]


def test_the_path_is_wrong(installation: Installation) -> None:
    url = installation.url.replace("/api/websocket", "/websockets")
    status, output = doctor(installation, "--url", url)
    (line,) = found(output)
    assert (status, line.partition(" The ")[0]) == (FAILED, f"FAILED {url} answers 404")


class Answering(BaseHTTPRequestHandler):
    """A proxy that answers by itself; or one that takes the upgrade away, so that the server asks
    for one."""

    protocol_version = "HTTP/1.1"
    status = 426

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Location", "https://devices.example.org/")
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (200, "Something else answers"),
        (401, "The proxy asks for a password"),
        (426, "The proxy does not pass Upgrade and Connection on"),
        (418, "Look into the proxy's log."),
        (504, "The proxy does not reach the server"),
    ],
)
def test_the_proxy_answers_itself(status: int, advice: str) -> None:
    with serving_http(status) as address:
        (finding,) = examine(f"ws://{address}/api/websocket")
    told = f"ws://{address}/api/websocket answers {status}"
    assert (finding.severity, finding.text) == (Severity.FAILED, told)
    assert finding.advice.startswith(advice)


def test_the_proxy_redirects() -> None:
    with serving_http(301) as address:
        (finding,) = examine(f"ws://{address}/api/websocket")
    assert finding == failure(
        f"ws://{address}/api/websocket redirects to https://devices.example.org/",
        "Devices follow no redirect: have the proxy pass it on, or give them that URL.",
    )


def test_nothing_speaks_tls() -> None:
    with serving_http(426) as address:
        (finding,) = examine(f"wss://{address}/api/websocket")
    assert finding.severity is Severity.FAILED
    assert finding.text.startswith(f"wss://{address}/api/websocket: ")
    assert (
        finding.advice
        == "This port does not speak TLS: is it the wrong one, or should it be ws://?"
    )


@contextmanager
def serving(server: TCPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    host, port = server.server_address[:2]
    try:
        yield f"{host!s}:{port}"
    finally:  # Otherwise a test that fails would leave a thread that the process waits for.
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serving_http(status: int) -> Iterator[str]:
    proxy = type("Proxy", (Answering,), {"status": status})
    with serving(HTTPServer(("127.0.0.1", 0), proxy)) as address:
        yield address


def certificate(folder: Path, *, ends_in: timedelta, name: str = "localhost") -> Path:
    """A certificate that trusts itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begin, names = datetime.now(UTC) - timedelta(days=90), [x509.DNSName(name)]
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(datetime.now(UTC) + ends_in)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(plain + made.public_bytes(Encoding.PEM))
    return file


@contextmanager
def serving_tls(proxy: type[BaseRequestHandler], file: Path) -> Iterator[str]:
    """The URL of a proxy that has a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = TCPServer(("127.0.0.1", 0), proxy)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server) as address:
        yield f"wss://localhost:{address.rpartition(':')[2]}/api/websocket"


@pytest.mark.parametrize(
    ("name", "days", "trusted", "why", "advice"),
    [
        (
            "localhost",
            90,
            False,
            "self-signed certificate",
            "Devices trust it only if they have it",
        ),
        ("localhost", -1, True, "certificate has expired", "Renew it, see why"),
        (
            "example.org",
            90,
            True,
            "Hostname mismatch, certificate is not valid for 'localhost'.",
            "Get one for this name",
        ),
    ],
)
def test_the_certificate_is_not_valid(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    days: int,
    trusted: bool,
    why: str,
    advice: str,
) -> None:
    file = certificate(tmp_path, ends_in=timedelta(days=days), name=name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serving_tls(Answering, file) as url:
        (finding,) = examine(url)
    assert (finding.severity, finding.text) == (Severity.FAILED, f"{url}: {why}")
    assert finding.advice.startswith(advice)


class Impatient(BaseRequestHandler):
    """A proxy that ends a connection as soon as the client says nothing for a second."""

    target: tuple[str, int]

    def handle(self) -> None:
        with socket.create_connection(self.target) as server:
            while readable := select.select([self.request, server], [], [], 1.0)[0]:
                for end in readable:
                    data = end.recv(65_536)
                    if not data:
                        return
                    (server if end is self.request else self.request).sendall(data)


@pytest.fixture
def proxy(installation: Installation) -> type[Impatient]:
    host, port = installation.server.address.split(":")
    return type("Proxy", (Impatient,), {"target": (host, int(port))})


def test_the_proxy_is_impatient(installation: Installation, proxy: type[Impatient]) -> None:
    with serving(TCPServer(("127.0.0.1", 0), proxy)) as address:
        url = f"ws://{address}/api/websocket"
        status, output = doctor(installation, "--url", url, "--silence", PING_SECONDS="1")
    (line,) = found(output)
    assert status == FAILED
    assert line.startswith("FAILED the connection was cut within 6 s of silence Let the proxy wait")


@pytest.mark.parametrize(
    ("ends_in", "found_out"),
    [
        (timedelta(days=5, hours=1), "WARNING the certificate expires in 5 days See why it is not"),
        (timedelta(days=80, hours=1), "ok the certificate is valid for 80 days"),
    ],
)
def test_how_long_the_certificate_is_valid(
    installation: Installation, proxy: type[Impatient], ends_in: timedelta, found_out: str
) -> None:
    file = certificate(installation.folder, ends_in=ends_in)
    with serving_tls(proxy, file) as url:
        status, output = doctor(installation, "--url", url, SSL_CERT_FILE=str(file))
    assert status == WARNING
    assert "restServerUrl says http://, but clients connect by wss:// Have the proxy send" in (
        " ".join(output.split())
    )
    assert found_out in " ".join(output.split())


@pytest.mark.parametrize("url", ["https://x", "wss://", "localhost:8000"])
def test_an_address_that_is_none(url: str) -> None:
    _, error = run_refused("doctor", "--url", url)
    assert error == "Error: argument --url: it begins with ws:// or wss://, and has a host"
