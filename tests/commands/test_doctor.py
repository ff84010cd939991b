"""manage.py doctor, on installations that are broken in one way each."""

import re
import select
import socket
import ssl
import sys
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
from django.conf import settings

from tests.server import MANAGE, Database, Server, launch, run_manage, stderr_of

OK, WARNING, FAILED = 0, 1, 2


class Installation:
    """Settings, a database, and a server that runs with them."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.folder.chmod(0o700)
        self.environment = {"DATABASE_URL": server.database.url}

    @property
    def url(self) -> str:
        return self.server.url


def doctor(there: Installation, *arguments: str, **environment: str) -> tuple[int, str]:
    given = there.environment | environment
    status, output, error = run_manage("doctor", *arguments, folder=there.folder, **given)
    assert error == ""
    return status, output


def found(output: str) -> list[str]:
    """The findings that are not ok, each with what to do."""
    # PostgreSQL may be set up for tests, which lose nothing in a power failure.
    output = re.sub(r"^WARNING  PostgreSQL: .* is off.*\n.*\n", "", output, flags=re.MULTILINE)
    bad = re.findall(r"^(?:WARNING|FAILED) .*(?:\n {9}.*)?", output, re.MULTILINE)
    return [" ".join(each.split()) for each in bad]


@pytest.fixture
def installation(server: Server, tmp_path: Path) -> Installation:
    return Installation(server, tmp_path)


def test_nothing_is_wrong(installation: Installation) -> None:
    status, output = doctor(installation, "--url", installation.url)
    assert found(output) == []
    assert status == (WARNING if " is off: " in output else OK)
    assert f"ok       {installation.url} answers as a WebSocket" in output
    assert "ok       migrations are complete" in output


def test_the_database_is_away(installation: Installation) -> None:
    url = "postgres://nobody:hunter2@127.0.0.1:1/nowhere"
    status, output = doctor(installation, DATABASE_URL=url)
    assert status == FAILED
    assert any("Start it, or correct DATABASE_URL." in each for each in found(output))
    assert "hunter2" not in output


def test_the_database_is_empty(installation: Installation, tmp_path: Path) -> None:
    status, output = doctor(installation, DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    assert status == FAILED
    assert any(
        re.fullmatch(r"FAILED \d+ migrations are missing .*", each) for each in found(output)
    )


def test_redis_is_away(installation: Installation) -> None:
    status, output = doctor(installation, REDIS_URL="redis://127.0.0.1:1")
    (line,) = found(output)
    assert status == FAILED
    assert line.startswith("FAILED Redis does not answer: ")
    assert line.endswith(" Start it, or correct REDIS_URL.")


def test_a_secret_is_weak(installation: Installation) -> None:
    status, output = doctor(installation, JWT_SECRET="devicehive")
    (line,) = found(output)
    assert status == WARNING
    assert "(devicehive.W001)" in line


def test_others_can_read_the_secrets(installation: Installation) -> None:
    secret = installation.folder / "secret_key"
    secret.write_text("a secret that others can read, of some length\n")
    secret.chmod(0o644)
    installation.folder.chmod(0o755)
    status, output = doctor(installation)
    line = f"WARNING others on this machine can read {secret} chmod 600 {secret}"
    assert (status, line in found(output)) == (WARNING, True)


def test_few_open_files(installation: Installation) -> None:
    folder = installation.folder
    command = ["sh", "-c", 'ulimit -n 512; exec "$@"', "sh", sys.executable, MANAGE, "doctor"]
    with launch(command, folder=folder, **installation.environment) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == WARNING, stderr_of(folder)
    (line,) = found(output)
    assert line.startswith("WARNING a process may have 512 open files; each connection is one Set")


def test_a_token_is_about_to_end(
    installation: Installation, migrated: Database, request: pytest.FixtureRequest
) -> None:
    own = migrated.copy(installation.folder)
    request.addfinalizer(own.drop)
    installation.environment = {"DATABASE_URL": own.url}
    status, _, error = run_manage(
        *("createtoken", "bob", "--days", "3"),
        folder=installation.folder,
        **installation.environment,
    )
    assert status == 0, error
    status, output = doctor(installation)
    (line,) = found(output)
    assert status == WARNING
    assert re.match(r"WARNING 1 tokens end within 14 days: bob's on \d{4}-\d\d-\d\d ", line)


def test_the_path_is_wrong(installation: Installation) -> None:
    url = installation.url.replace("/api/websocket", "/websockets")
    status, output = doctor(installation, "--url", url)
    (line,) = found(output)
    assert (status, line.partition(" The ")[0]) == (FAILED, f"FAILED {url} answers 404")


class Refusing(BaseHTTPRequestHandler):
    """A proxy that takes the upgrade away, so that the server asks for one."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(426)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serving(server: TCPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    host, port = server.server_address[:2]
    yield f"{host!s}:{port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_proxy_passes_no_upgrade_on(installation: Installation) -> None:
    with serving(HTTPServer(("127.0.0.1", 0), Refusing)) as address:
        status, output = doctor(installation, "--url", f"ws://{address}/api/websocket")
    (line,) = found(output)
    assert status == FAILED
    assert line.startswith(f"FAILED ws://{address}/api/websocket answers 426 The proxy does not")


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
    ("name", "days", "trusted", "why"),
    [
        ("localhost", 90, False, "self-signed certificate Devices trust it if they were given it."),
        ("localhost", -1, True, "certificate has expired Renew it, see why"),
        (
            "example.org",
            90,
            True,
            "Hostname mismatch, certificate is not valid for 'localhost'. Get",
        ),
    ],
)
def test_the_certificate_is_not_valid(
    installation: Installation, name: str, days: int, trusted: bool, why: str
) -> None:
    file = certificate(installation.folder, ends_in=timedelta(days=days), name=name)
    given = {"SSL_CERT_FILE": str(file)} if trusted else {}
    with serving_tls(Refusing, file) as url:
        status, output = doctor(installation, "--url", url, **given)
    (line,) = found(output)
    assert status == FAILED
    assert line.startswith(f"FAILED {url}: {why}")


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
        (timedelta(days=5, hours=1), "WARNING the certificate ends in 5 days See why it is not"),
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
    assert "clients are told http:// in restServerUrl, but come by wss:// Have the proxy send" in (
        " ".join(output.split())
    )
    assert found_out in " ".join(output.split())


def test_an_address_that_is_none(tmp_path: Path) -> None:
    status, _, error = run_manage(
        *("doctor", "--url", "https://x"), folder=tmp_path, DATABASE_URL=settings.DATABASE_URL
    )
    assert status == 2
    assert "it begins with ws:// or wss://" in error
