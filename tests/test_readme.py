"""The commands of README.md exist, and its examples do what they say."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.server import SECONDS, Server, StartServer, run_manage

ROOT = Path(settings.BASE_DIR)
README = (ROOT / "README.md").read_text()
ADDRESS = "127.0.0.1:8000"
TOKEN = r"[\w-]+\.[\w-]+\.[\w-]+"


@pytest.fixture(scope="module")
def running(keep_server: StartServer) -> Server:
    """What `make run` starts, with PASSWORD as the administrator's; for all examples."""
    server = keep_server()
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


def test_python_example(running: Server, tmp_path: Path) -> None:
    program = tmp_path / "lamp.py"
    program.write_text(with_token(block("In Python", "python"), running))
    # Elsewhere, because in this folder `devicehive` is the server's package.
    ended = subprocess.run(
        [sys.executable, program], cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS
    )
    (promised,) = re.findall(r"It prints `(.+)`\.", README)
    assert (ended.stdout, ended.stderr) == (f"{promised}\n", "")


def test_a_command_switches_the_lamp_on(running: Server, tmp_path: Path) -> None:
    program = tmp_path / "lamp.py"
    example = block("A lamp that is switched on", "python")
    program.write_text(with_token(example, running))
    (command,) = re.findall(r"^    \S+ manage\.py (sendcommand .*)", README, re.MULTILINE)
    with subprocess.Popen(
        [sys.executable, program], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as lamp:
        assert lamp.stdout
        assert lamp.stdout.readline() == "The lamp waits.\n"
        status, _, error = run_manage(
            *command.split(), folder=running.folder, DATABASE_URL=running.database.url
        )
        assert status == 0, error
        assert lamp.communicate(timeout=SECONDS)[0] == "The lamp is on\n"
    assert lamp.returncode == 0
    found = running.connect("alice").ask("device/get", deviceId="lamp-1")
    assert found["device"]["data"] == {"on": True}


def test_frames_example(running: Server) -> None:
    connection = running.connect().connection
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


def test_curl_example(running: Server) -> None:
    script = block("With curl", "sh").replace(ADDRESS, running.address)
    ended = subprocess.run(
        ["sh", "-eu", "-c", script], capture_output=True, text=True, timeout=SECONDS
    )
    (promised,) = re.findall(r'prints `({"id":.+})`\.', README)
    assert (ended.stdout, ended.stderr) == (promised, "")


def test_the_printed_command_can_be_pasted_in_any_folder(running: Server, tmp_path: Path) -> None:
    assert running.process.stdout
    printed = next(line for line in running.process.stdout if "A first device:" in line)
    ended = subprocess.run(
        printed.partition(":")[2],
        shell=True,
        cwd=tmp_path,
        env={"DATABASE_URL": running.database.url, "STATE_DIR": str(running.folder)},
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
