"""README.md: whatever it tells the reader to type exists, and its examples do what they say."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands
from playwright.sync_api import Page, expect

from devicehive.env import KNOBS
from devicehive.protocol.actions import registry
from devicehive.protocol.routes import routes
from tests.browser import needs_chromium
from tests.server import SECONDS, Server, StartServer, run_manage

ROOT = Path(settings.BASE_DIR)
README = (ROOT / "README.md").read_text()
ADDRESS = "127.0.0.1:8000"
TOKEN = r"[\w-]+\.[\w-]+\.[\w-]+"
FOREIGN = {"POSTGRES_PASSWORD"}
"""Variables that are not the server's."""


@pytest.fixture
def fresh(start_server: StartServer) -> Server:
    """What `make run` starts, with PASSWORD as the administrator's."""
    server = start_server()
    status, _, error = run_manage(
        "createadmin",
        folder=server.folder,
        DATABASE_URL=server.database.url,
        DEVICEHIVE_ADMIN_PASSWORD="PASSWORD",
    )
    assert status == 0, error
    return server


def block(heading: str, fence: str) -> str:
    """The first fenced block below a heading."""
    found = re.search(
        rf"^### {heading}\n.*?^```{fence}\n(.*?)^```", README, re.DOTALL | re.MULTILINE
    )
    assert found
    return found[1]


def with_token(example: str, server: Server) -> str:
    """The example of a device, with the address and a token of the server."""
    token = server.database.refresh["alice"]
    return example.replace(ADDRESS, server.address).replace("REFRESH_TOKEN", token)


def test_python_example(fresh: Server, tmp_path: Path) -> None:
    program = tmp_path / "lamp.py"
    program.write_text(with_token(block("In Python", "python"), fresh))
    # Elsewhere, because in this folder `devicehive` is the server's package.
    ended = subprocess.run(
        [sys.executable, program], cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS
    )
    (promised,) = re.findall(r"It prints `(.+)`\.", README)
    assert (ended.stdout, ended.stderr) == (f"{promised}\n", "")


def test_a_command_switches_the_lamp_on(fresh: Server, tmp_path: Path) -> None:
    program = tmp_path / "lamp.py"
    example = block("A lamp that is switched on", "python")
    program.write_text(with_token(example, fresh))
    (command,) = re.findall(r"^    \S+ manage\.py (sendcommand .*)", README, re.MULTILINE)
    with subprocess.Popen(
        [sys.executable, program], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as lamp:
        assert lamp.stdout
        assert lamp.stdout.readline() == "The lamp waits.\n"
        status, _, error = run_manage(
            *command.split(), folder=fresh.folder, DATABASE_URL=fresh.database.url
        )
        assert status == 0, error
        assert lamp.communicate(timeout=SECONDS)[0] == "The lamp is on\n"
    assert lamp.returncode == 0
    found = fresh.connect("alice").ask("device/get", deviceId="lamp-1")
    assert found["device"]["data"] == {"on": True}


def test_frames_example(fresh: Server) -> None:
    connection = fresh.connect().connection
    token = "TOKEN"
    for line in block("In frames", "").splitlines():
        direction, frame = line[0], line[2:]
        if direction == ">":
            connection.send(frame.replace("TOKEN", token))
            continue
        answer = connection.recv(timeout=SECONDS)
        assert isinstance(answer, str)
        match = re.fullmatch(re.escape(frame).replace("TOKEN", f"({TOKEN})"), answer)
        assert match, answer
        token = match[1] if match.groups() else token


def test_curl_example(fresh: Server) -> None:
    script = block("With curl", "sh").replace(ADDRESS, fresh.address)
    ended = subprocess.run(
        ["sh", "-eu", "-c", script], capture_output=True, text=True, timeout=SECONDS
    )
    (promised,) = re.findall(r'prints `({"id":.+})`\.', README)
    assert (ended.stdout, ended.stderr) == (promised, "")


@needs_chromium
def test_browser_example(fresh: Server, page: Page) -> None:
    script = block("In a browser", "js").replace(ADDRESS, fresh.address)
    assert len([line for line in script.splitlines() if line]) <= 20
    page.goto(f"http://{fresh.address}/livez".replace("127.0.0.1", "localhost"))  # Another origin.
    page.add_script_tag(content=script, type="module")
    (promised,) = re.findall(r"It ends with `(.+)` in the title\.", README)
    expect(page).to_have_title(promised)


def test_the_printed_command_can_be_pasted_in_any_folder(fresh: Server, tmp_path: Path) -> None:
    assert fresh.process.stdout
    printed = next(line for line in fresh.process.stdout if "A first device:" in line)
    ended = subprocess.run(
        printed.partition(":")[2],
        shell=True,
        cwd=tmp_path,
        env={"DATABASE_URL": fresh.database.url, "STATE_DIR": str(fresh.folder)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    saved = json.loads(ended.stdout)
    assert (saved["id"], saved["name"]) == ("my-first-device", "My first device")


def test_make_targets_exist() -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = set(re.findall(r"^    (?:.* )?make ([a-z]+)", README, re.MULTILINE))
    assert named == {"run", "test", "bench"}
    assert named <= set(targets)


def test_commands_exist() -> None:
    named = set(re.findall(r"manage\.py ([a-z]+)", README))
    assert named - get_commands().keys() == set()


def test_variables_exist() -> None:
    named = set(re.findall(r"\b([A-Z][A-Z_]+)=", README)) | set(
        re.findall(r"`([A-Z_]{4,})`", README)
    )
    assert named - KNOBS.keys() - FOREIGN == set()


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_table_of_paths_is_that_of_the_routes() -> None:
    rows = re.findall(r"^\| `/(.*)` \| ([A-Z, ]+) \|$", README, re.MULTILINE)
    there = [
        (re.sub(r"<(?:int:)?(\w+)>", r"{\1}", route.path.text), ", ".join(route.methods))
        for route in routes
    ]
    assert rows == sorted(there)


def test_table_of_actions_is_the_registry() -> None:
    there = [line for line in README.splitlines() if line.endswith("| yes |")]
    assert sorted(re.findall(r"`([^`]+)`", "\n".join(there))) == sorted(registry)
