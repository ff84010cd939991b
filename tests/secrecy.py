"""No line of the log has a token or a password, whatever a test does.

Tests of what is secret log everything; the others, what a server logs.
"""

import logging
import re
from collections.abc import Iterator

import pytest

from devicehive.log.lines import JsonFormatter, LineFormatter
from tests.factories import PASSWORD

SECRET_TESTS = re.compile(r"token|authenticate|bearer|login|user|admin|open_connections")
SECRETS = re.compile(rf"eyJ[\w-]+\.[\w-]+|{PASSWORD}|pbkdf2_")


def secrets_in(text: str) -> list[str]:
    return SECRETS.findall(text)


class Listener(logging.Handler):
    """Keeps the lines that have a secret, in either form."""

    def __init__(self) -> None:
        super().__init__()
        self.guilty: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        written = (LineFormatter().format(record), JsonFormatter().format(record))
        self.guilty += [text for text in written if secrets_in(text)]


@pytest.fixture(autouse=True)
def no_secret_is_logged(request: pytest.FixtureRequest) -> Iterator[None]:
    root, listener = logging.getLogger(), Listener()
    level = root.level
    if SECRET_TESTS.search(request.node.nodeid):
        root.setLevel(logging.DEBUG)
    root.addHandler(listener)
    yield
    root.removeHandler(listener)
    root.setLevel(level)
    assert listener.guilty == []
