"""nginx, as docker/nginx.conf says, in front of a server; on a socket in a folder, not a port."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from socket import AF_UNIX, socket
from types import MappingProxyType
from typing import NamedTuple

import pytest
from django.conf import settings

from tests.server import SECONDS, Server

CONFIGURATION = Path(settings.BASE_DIR) / "docker/nginx.conf"


@contextmanager
def nginx(server: Server, folder: Path, **changes: str) -> Iterator[str]:
    """The path of the socket it listens on. `listen` and `location` stand for what the file has."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/bin:/usr/bin")
    if program is None:
        pytest.skip("needs nginx")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    path = f"{folder}/nginx.sock"
    text = CONFIGURATION.read_text()
    for ours, here in (
        ("http {", f"pid {folder}/pid; http {{ {folders} proxy_max_temp_file_size 0;"),
        ("listen 80;", f"listen unix:{path} {changes.get('listen', '')};"),
        ("server server:8000;", f"server {server.address};"),
        ("location / {", f"location {changes.get('location', '/')} {{"),
        ("proxy_pass http://devicehive;", f"proxy_pass {changes.get('to', 'http://devicehive')};"),
    ):
        assert ours in text
        text = text.replace(ours, here)
    (folder / "nginx.conf").write_text(text)
    command = [program, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    # Returns when it listens.
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    try:
        yield path
    finally:
        subprocess.run([*command, "-s", "stop"], check=True)


class _Connection(HTTPConnection):
    """HTTP over the socket."""

    def __init__(self, path: str) -> None:
        super().__init__("devices.example.org", timeout=SECONDS)
        self.path = path

    def connect(self) -> None:
        self.sock = socket(AF_UNIX)
        self.sock.settimeout(SECONDS)
        self.sock.connect(self.path)


class Page(NamedTuple):
    status: int
    headers: Message
    text: str


def get(path: str, target: str, headers: Mapping[str, str] = MappingProxyType({})) -> Page:
    """What is answered to a GET over the socket."""
    with closing(_Connection(path)) as client:
        client.request("GET", target, headers=dict(headers))
        answer = client.getresponse()
        return Page(answer.status, answer.headers, answer.read().decode(errors="replace"))
