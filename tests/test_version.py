"""The version is defined in devicehive/__init__.py, and read from there everywhere else."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from devicehive import API_VERSION, __version__
from tests.server import StartServer, run_manage

ROOT = Path(settings.BASE_DIR)


@pytest.mark.parametrize("argument", ["version", "--version"])
def test_the_command_line_tells_it(argument: str, tmp_path: Path) -> None:
    assert run_manage(argument, folder=tmp_path) == (0, f"{__version__}\n", "")


def test_the_server_tells_it_when_it_starts(start_server: StartServer) -> None:
    server = start_server()
    assert server.process.stdout
    printed = [next(server.process.stdout) for _ in range(3)]
    assert printed[-1] == f"  Version {__version__}. Stop with Ctrl-C.\n"


@pytest.mark.django_db
def test_every_page_of_the_admin_tells_it(client: Client) -> None:
    assert f"DeviceHive server {__version__}" in client.get("/admin/login/").content.decode()


@pytest.mark.parametrize("path", ["/docs/", "/asyncapi.json"])
def test_the_documents_tell_it_beside_that_of_the_protocol(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert f"version {__version__} of the server" in page
    assert API_VERSION in page


def test_the_readme_shows_it() -> None:
    assert f"  Version {__version__}. Stop with Ctrl-C.\n" in (ROOT / "README.md").read_text()
