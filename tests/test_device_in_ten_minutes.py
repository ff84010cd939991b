"""The programs of docs/device-in-ten-minutes.md work as shown."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page

from tests.browser import NODE, needs_chromium
from tests.server import SECONDS, Server

DOCUMENT = Path(settings.BASE_DIR, "docs", "device-in-ten-minutes.md")
PAGE = DOCUMENT.read_text()
MICROPYTHON = Path(sys.executable).with_name("micropython")
STANDS_FOR = {"ACCESS": r"[\w-]+\.[\w-]+\.[\w-]+", "NUMBER": r"\d+"}


def block(fence: str) -> str:
    found = re.search(rf"^```{fence}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def test_the_frames(server: Server) -> None:
    connection = server.connect().connection
    known = {"REFRESH": server.database.refresh["bob"]}
    for line in block("").splitlines():
        direction, frame = line[0], line[2:]
        if direction == ">":
            for name, value in known.items():
                frame = frame.replace(f'"{name}"', f'"{value}"')
            connection.send(frame)
            continue
        pattern = re.escape(frame)
        for name, shape in STANDS_FOR.items():
            pattern = pattern.replace(name, f"(?P<{name}>{shape})")
        answer = connection.recv(timeout=SECONDS)
        assert isinstance(answer, str)
        match = re.fullmatch(pattern, answer)
        assert match, answer
        known |= match.groupdict()


def program(heading: str, server: Server) -> str:
    """The program below a heading, with the address and a token of the server."""
    found = re.search(rf"^## {heading}\n.*?^```\w+\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    host, port = server.address.split(":")
    text = found[1].replace("127.0.0.1:8000", server.address)
    text = text.replace('"127.0.0.1", 8000', f'"{host}", {port}')
    return text.replace('REFRESH"', f'{server.database.refresh["bob"]}"')


@pytest.mark.parametrize(
    ("heading", "interpreter", "name"),
    [
        ("In Python", sys.executable, "lamp.py"),
        ("In JavaScript", NODE, "lamp.mjs"),
        pytest.param(
            *("In MicroPython", MICROPYTHON, "lamp.py"),
            marks=pytest.mark.skipif(not MICROPYTHON.exists(), reason="needs MicroPython"),
        ),
    ],
    ids=["Python", "JavaScript", "MicroPython"],
)
def test_a_program_does_what_it_is_told(
    server: Server, tmp_path: Path, heading: str, interpreter: str | Path, name: str
) -> None:
    file = tmp_path / name
    file.write_text(program(heading, server))
    with subprocess.Popen(
        [interpreter, file], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as lamp:
        try:
            assert lamp.stdout
            assert lamp.stdout.readline() == "The lamp waits.\n"
            bob = server.connect("bob")
            bob.ask("command/subscribe", deviceId="lamp-1", returnUpdatedCommands=True)
            bob.ask("command/insert", deviceId="lamp-1", command={"command": "on"})
            assert lamp.stdout.readline() == "The lamp is on\n"
            assert bob.read()["command"]["status"] == "done"
        finally:
            lamp.kill()


@needs_chromium
def test_the_program_in_javascript_runs_in_a_browser(server: Server, page: Page) -> None:
    page.goto(f"http://{server.address}/livez")
    with page.expect_console_message(lambda message: message.text == "The lamp waits."):
        page.add_script_tag(content=program("In JavaScript", server), type="module")
    bob = server.connect("bob")
    with page.expect_console_message(lambda message: message.text == "The lamp is on"):
        bob.ask("command/insert", deviceId="lamp-1", command={"command": "on"})
