"""docker/: every path, command and setting that it names exists, and nginx lets devices through.

No Docker engine is needed, so that a renamed command fails here and not on the day of a rollout.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from websockets.sync.client import unix_connect

from devicehive.env import KNOBS
from tests.server import SOCKET_OPTIONS, StartServer

DOCKER = Path(settings.BASE_DIR) / "docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
COMPOSE_TEXT = (DOCKER / "compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
OURS = ("server", "prepare")


def test_image_copies_what_exists() -> None:
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    copied = " ".join(lines).split()
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text()
    assert sorted(copied) == sorted(re.findall(r"^!(.+)$", ignored, re.MULTILINE))
    assert [name for name in copied if not (settings.BASE_DIR / name).exists()] == []


def test_commands_exist() -> None:
    named = re.findall(r"""manage\.py[", ]+([a-z]+)""", DOCKERFILE + COMPOSE_TEXT)
    assert sorted(named) == ["createadmin", "migrate", "serve"]
    assert set(named) <= get_commands().keys()


def test_image_sets_what_is_a_setting() -> None:
    (block,) = re.findall(r"^ENV ((?:.+\\\n)*.+)$", DOCKERFILE, re.MULTILINE)
    names = {name for name in re.findall(r"(\w+)=", block) if not name.startswith("P")}
    assert names == {"HOST", "STATE_DIR"}
    assert names <= KNOBS.keys()


@pytest.mark.parametrize("service", OURS)
def test_services_set_what_is_a_setting(service: str) -> None:
    environment = COMPOSE["services"][service]["environment"]
    assert environment.keys() - KNOBS.keys() == set()


def test_no_secret_has_a_default() -> None:
    asked = re.findall(r"\$\{(\w+)(:.)", COMPOSE_TEXT)
    secret = {name: sign for name, sign in asked if re.search("SECRET|PASSWORD", name)}
    assert secret == dict.fromkeys(secret, ":?")
    assert len(secret) == 4


def test_services_mount_and_build_what_exists() -> None:
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (DOCKER / source).is_file()
        if build := service.get("build"):
            assert (DOCKER / build["context"] / build["dockerfile"]).is_file()


def test_services_wait_for_services_that_can_become_so() -> None:
    services = COMPOSE["services"]
    for service in services.values():
        for name, wait in service.get("depends_on", {}).items():
            healthy = "healthcheck" in services[name] or "HEALTHCHECK" in DOCKERFILE
            assert healthy or wait["condition"] != "service_healthy"


@pytest.fixture
def proxy(start_server: StartServer, tmp_path: Path) -> Iterator[str]:
    """The path of a socket on which nginx, as docker/nginx.conf says, passes on to a server."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/bin:/usr/bin")
    if nginx is None:
        pytest.skip("needs nginx")
    server = start_server(TRUST_PROXY="on")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    path = f"{tmp_path}/nginx.sock"
    text = (DOCKER / "nginx.conf").read_text()
    for ours, here in (
        ("http {", f"pid {tmp_path}/pid; http {{ {folders}"),
        ("listen 80;", f"listen unix:{path};"),
        ("server server:8000;", f"server {server.address};"),
    ):
        assert ours in text
        text = text.replace(ours, here)
    (tmp_path / "nginx.conf").write_text(text)
    command = [nginx, "-p", str(tmp_path), "-e", "stderr", "-c", str(tmp_path / "nginx.conf")]
    # Returns when it listens.
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    yield path
    subprocess.run([*command, "-s", "stop"], check=True)


def test_devices_connect_through_nginx(proxy: str) -> None:
    uri = "ws://devices.example.org/api/websocket"
    with unix_connect(proxy, uri, **SOCKET_OPTIONS) as socket:
        socket.send('{"action": "server/info"}')
        info = json.loads(socket.recv(timeout=10))["info"]
    assert info["restServerUrl"] == "http://devices.example.org/api/rest"
