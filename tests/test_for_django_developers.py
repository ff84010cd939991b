"""docs/for-django-developers.md: the app that it describes works as it says."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from benchmarks.peers.own import write_app
from tests.server import SECONDS, Database, Server, run_manage

VISITS = """
from django.test import Client
from devices.models import User

browser = Client()
browser.force_login(User.objects.get(login="alice"))
for page in "", "journal/entry/", "devices/device/":
    print(browser.get(f"/admin/{page}").status_code)
"""


@pytest.fixture
def site(tmp_path: Path) -> dict[str, str]:
    """The files of the document; the environment that it asks for."""
    write_app(tmp_path / "site")
    return {
        "PYTHONPATH": str(tmp_path / "site"),
        "DJANGO_SETTINGS_MODULE": "site_settings",
    }


@pytest.fixture
def own(site: dict[str, str], migrated: Database, tmp_path: Path) -> Iterator[Server]:
    database = migrated.copy(tmp_path)
    site = site | {"DATABASE_URL": database.url}
    for command in (("makemigrations", "journal"), ("migrate",)):
        status, _, error = run_manage(*command, folder=tmp_path, **site)
        assert status == 0, error
    server = Server(database, tmp_path, **site)
    yield server
    server.close()
    database.drop()


def test_the_app_hears_of_changes_and_tells_of_them(own: Server) -> None:
    alice, bob = own.connect("alice"), own.connect("bob")
    bob.ask("device/save", deviceId="lamp-1", device={"name": "Lamp"})
    bob.ask("device/delete", deviceId="lamp-1")
    entries = [
        {"kind": "CREATED", "deviceId": "lamp-1", "login": "bob"},
        {"kind": "DELETED", "deviceId": "lamp-1", "login": "bob"},
    ]
    deadline = time.monotonic() + SECONDS
    answer = alice.ask("journal/list", deviceId="lamp-1")
    while len(answer["entries"]) < len(entries):
        assert time.monotonic() < deadline
        answer = alice.ask("journal/list", deviceId="lamp-1")
    assert answer["entries"] == entries
    assert bob.ask("journal/list")["code"] == 403
    with closing(HTTPConnection(own.address, timeout=SECONDS)) as connection:
        token = own.database.access["alice"]
        connection.request("GET", "/api/rest/journal", headers={"Authorization": f"Bearer {token}"})
        assert json.loads(connection.getresponse().read()) == entries
        connection.request("GET", "/docs/")
        assert b"journal/list" in connection.getresponse().read()


def test_an_administrator_finds_its_page_beside_those_of_the_server(own: Server) -> None:
    status, shown, error = run_manage(
        *("shell", "--no-imports", "--command", VISITS), folder=own.folder, **own.environment
    )
    assert (status, shown) == (0, "200\n" * 3), error


def test_an_action_without_an_example_stops_the_start_with_a_sentence(
    site: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "site/journal/handlers.json").unlink()
    status, _, error = run_manage("check", folder=tmp_path, **site)
    assert status == 1
    assert (
        "(devicehive.E001) The documents have no example of the action journal/list.\n"
        "\tHINT: Put its `request` and `answer` into the file handlers.json beside "
        "journal.handlers."
    ) in error
