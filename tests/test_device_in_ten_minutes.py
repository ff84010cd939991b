"""docs/device-in-ten-minutes.md: what it shows works as shown."""

import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from devicehive.env import KNOBS
from tests.server import SECONDS, Server

PAGE = (Path(settings.BASE_DIR) / "docs" / "device-in-ten-minutes.md").read_text()
ADDRESS = "127.0.0.1:8000"
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


def test_the_python_device_does_what_it_is_told(server: Server, tmp_path: Path) -> None:
    program = tmp_path / "lamp.py"
    example = block("python").replace(ADDRESS, server.address)
    program.write_text(example.replace('"REFRESH"', repr(server.database.refresh["bob"])))
    with subprocess.Popen(
        [sys.executable, program], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as lamp:
        try:
            assert lamp.stdout
            assert lamp.stdout.readline() == "The lamp waits.\n"
            bob = server.connect("bob")
            bob.ask("command/subscribe", deviceId="lamp-1", returnUpdatedCommands=True)
            bob.ask("command/insert", deviceId="lamp-1", command={"command": "on"})
            assert lamp.stdout.readline() == "The lamp is on\n"
            update = bob.read()
            assert update["command"]["status"] == "done"
        finally:
            lamp.kill()


def test_variables_exist() -> None:
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", PAGE))
    assert named - KNOBS.keys() == set()
