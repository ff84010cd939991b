"""manage.py doctor, on installations that are broken in one way each."""

import re
import select
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer
from typing import Any

import pytest
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


def test_the_certificate_is_nobodys(installation: Installation, tmp_path: Path) -> None:
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [*made.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # it is told by the client
    with serving(server) as address:
        status, output = doctor(installation, "--url", f"wss://{address}/api/websocket")
    (line,) = found(output)
    assert status == FAILED
    assert "self-signed certificate" in line
    assert line.endswith(" Renew it, with its whole chain.")


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


def test_the_proxy_is_impatient(installation: Installation) -> None:
    host, port = installation.server.address.split(":")
    proxy = type("Proxy", (Impatient,), {"target": (host, int(port))})
    with serving(TCPServer(("127.0.0.1", 0), proxy)) as address:
        url = f"ws://{address}/api/websocket"
        status, output = doctor(installation, "--url", url, "--silence", PING_SECONDS="1")
    (line,) = found(output)
    assert status == FAILED
    assert line.startswith("FAILED the connection was cut within 6 s of silence Let the proxy wait")


def test_an_address_that_is_none(tmp_path: Path) -> None:
    status, _, error = run_manage(
        *("doctor", "--url", "https://x"), folder=tmp_path, DATABASE_URL=settings.DATABASE_URL
    )
    assert status == 2
    assert "it begins with ws:// or wss://" in error
