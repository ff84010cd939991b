"""What is sent to Sentry, and that without SENTRY_DSN nothing is."""

import gzip
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from time import monotonic

import pytest
import sentry_sdk
from django.conf import settings

from devicehive.log.lines import beside
from devicehive.log.sentry import MOST_IN_A_MINUTE, SentryHandler
from tests.factories import PASSWORD
from tests.server import SECONDS, StartServer, run_manage

PAYLOAD = "what-the-device-sent"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.payload.signature"
SECRETS = (PASSWORD, TOKEN, PAYLOAD)


class Sink(HTTPServer):
    """Takes what Sentry would take, and keeps it as text."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.taken: Queue[str] = Queue()

    @property
    def dsn(self) -> str:
        return f"http://key@127.0.0.1:{self.server_port}/1"


class Taking(BaseHTTPRequestHandler):
    server: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.taken.put(f"{self.path} {self.headers} {body.decode()}")
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def logger(sink: Sink) -> Iterator[logging.Logger]:
    """One whose errors go to the sink, as those of a server do."""
    found = logging.getLogger("devicehive.tests")
    handler = SentryHandler(sink.dsn)
    found.addHandler(handler)
    found.propagate = False
    yield found
    found.removeHandler(handler)
    found.propagate = True
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def fail_with(password: str, token: str) -> None:
    """A failure that has it all: in its variables, its texts, its notes and its causes."""
    parameters = {"password": password, "token": token, "data": PAYLOAD}
    try:
        int(PAYLOAD)
    except ValueError as cause:
        error = RuntimeError(f"cannot store {parameters}")
        error.add_note(token)
        raise error from cause


def note_failure(logger: logging.Logger) -> None:
    try:
        fail_with(PASSWORD, TOKEN)
    except RuntimeError:
        told = {"action": "token", "error": "1a2b3c4d", "device": PAYLOAD, "login": PAYLOAD}
        logger.exception("failed for %s", PAYLOAD, extra=beside(**told))


def test_it_is_told_what_failed_where_and_nothing_that_was_sent(
    logger: logging.Logger, sink: Sink
) -> None:
    note_failure(logger)
    text = sink.taken.get(timeout=SECONDS)
    assert [secret for secret in SECRETS if secret in text] == []
    for told in ('"RuntimeError"', '"ValueError"', '"fail_with"', '"1a2b3c4d"', '"action":"token"'):
        assert told in text.replace('": ', '":')
    assert '"message":"failed for %s"' in text.replace('": ', '":')


def test_of_other_loggers_it_is_told_no_message(logger: logging.Logger, sink: Sink) -> None:
    handler = logger.handlers[0]
    other = logging.getLogger("asyncio.tests")
    other.addHandler(handler)
    other.error(f"Task was destroyed: {PAYLOAD}")
    other.removeHandler(handler)
    text = sink.taken.get(timeout=SECONDS)
    assert "asyncio.tests" in text
    assert PAYLOAD not in text


def test_a_flood_is_bounded(logger: logging.Logger, sink: Sink) -> None:
    started = monotonic()
    for _ in range(2 * MOST_IN_A_MINUTE):
        note_failure(logger)
    passed = monotonic() - started  # In which as many more may be told.
    sentry_sdk.get_client().close(timeout=SECONDS)
    assert 0 < sink.taken.qsize() <= MOST_IN_A_MINUTE + passed + 1


def test_a_server_tells_it_what_a_client_is_answered_500_for(
    sink: Sink, start_server: StartServer
) -> None:
    server = start_server(SENTRY_DSN=sink.dsn)
    alice = server.connect("alice")
    server.database.execute("DROP TABLE devices_configuration")
    answer = alice.ask("configuration/put", name=PAYLOAD, value=PASSWORD)
    assert answer["code"] == 500
    text = sink.taken.get(timeout=SECONDS)
    assert answer["error"].rpartition(" ")[2].strip("().") in text
    assert "configuration/put" in text
    assert [
        secret for secret in (PAYLOAD, PASSWORD, server.database.access["alice"]) if secret in text
    ] == []


# --- Settings ----------------------------------------------------------------------------------

SETUP = "import sys, django; django.setup(); print('sentry_sdk' in sys.modules)"
WITHOUT_THE_PACKAGE = "import sys; sys.modules['sentry_sdk'] = None; import devicehive.settings"


def python(program: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    environment |= {"STATE_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "devicehive.settings"}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_without_it_nothing_is_imported(tmp_path: Path) -> None:
    assert python(SETUP, tmp_path).stdout == "False\n"
    assert python(SETUP, tmp_path, SENTRY_DSN="http://key@127.0.0.1:1/1").stdout == "True\n"


def test_without_the_package_it_says_how_to_install_it(tmp_path: Path) -> None:
    assert python(WITHOUT_THE_PACKAGE, tmp_path).returncode == 0
    ended = python(WITHOUT_THE_PACKAGE, tmp_path, SENTRY_DSN="https://key@sentry.example.org/1")
    assert "ImproperlyConfigured: SENTRY_DSN needs a package: run make sentry" in ended.stderr


@pytest.mark.parametrize(
    "dsn", ["https://sentry.example.org/1", "https://key@sentry.example.org/", "key@host/1"]
)
def test_one_that_is_none(dsn: str, tmp_path: Path) -> None:
    status, _, error = run_manage("check", folder=tmp_path, SENTRY_DSN=dsn)
    assert status == 1
    assert error.startswith("configuration: SENTRY_DSN is not valid; expected: ")
    assert "key" not in error
