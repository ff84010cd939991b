"""The app that docs/for-django-developers.md describes works as it says."""

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
for page in "admin/", "admin/journal/entry/", "admin/devices/device/", "journal/":
    print(browser.get(f"/{page}").status_code)
"""


def write_site(folder: Path) -> dict[str, str]:
    """Write the files of the document; returns the environment that it asks for."""
    write_app(folder / "site")
    return {
        "PYTHONPATH": str(folder / "site"),
        "DJANGO_SETTINGS_MODULE": "site_settings",
    }


@pytest.fixture(scope="module")
def own(migrated: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the app, for all tests: each has a device of its own."""
    folder = tmp_path_factory.mktemp("own")
    database = migrated.copy(folder)
    site = write_site(folder) | {"DATABASE_URL": database.url}
    for command in (("makemigrations", "journal"), ("migrate",)):
        status, _, error = run_manage(*command, folder=folder, **site)
        assert status == 0, error
    server = Server(database, folder, **site)
    yield server
    server.close()
    database.drop()


def test_the_app_hears_of_changes_and_tells_of_them(own: Server) -> None:
    alice, bob = own.connect("alice"), own.connect("bob")
    bob.ask("device/save", deviceId="lamp-1", device={"name": "Lamp"})
    bob.ask("device/delete", deviceId="lamp-1")
    entries = [
        {"kind": "CREATED", "deviceId": "lamp-1", "login": "bob", "note": ""},
        {"kind": "DELETED", "deviceId": "lamp-1", "login": "bob", "note": ""},
    ]
    deadline = time.monotonic() + SECONDS
    answer = alice.ask("journal/list", deviceId="lamp-1")
    while len(answer["entries"]) < len(entries):
        assert time.monotonic() < deadline
        answer = alice.ask("journal/list", deviceId="lamp-1")
    assert answer["entries"] == entries
    assert bob.ask("journal/list")["code"] == 403
    assert json.loads(answer_of(own, "alice", "GET", "journal")[1]) == entries


def test_who_can_see_a_device_writes_notes_about_it(own: Server) -> None:
    bob, charlie = own.connect("bob"), own.connect("charlie")
    bob.ask("device/save", deviceId="lamp-2", device={"name": "Lamp"})
    answer = bob.ask("journal/note", deviceId="lamp-2", note="flickers")
    assert answer == {"action": "journal/note", "requestId": 1, "status": "success"}
    hums = '{"note": "hums", "deviceId": "the path goes before"}'
    assert answer_of(own, "bob", "POST", "device/lamp-2/journal", hums) == (204, b"")
    answers = [
        bob.ask("journal/note", deviceId="lamp-2"),
        bob.ask("journal/note", deviceId="lamp-2", note="x" * 201),
        charlie.ask("journal/note", deviceId="lamp-2", note="mine"),
    ]
    assert [(answer["code"], answer["error"]) for answer in answers] == [
        (400, "A note is required"),
        (400, "A note has at most 200 characters, not 201"),
        (404, "Device with such deviceId = lamp-2 not found"),
    ]
    listed = own.connect("alice").ask("journal/list", deviceId="lamp-2")["entries"]
    notes = [entry for entry in listed if entry["kind"] == "NOTE"]
    assert notes == [
        {"kind": "NOTE", "deviceId": "lamp-2", "login": "bob", "note": note}
        for note in ("flickers", "hums")
    ]


def answer_of(
    server: Server, login: str, method: str, path: str, body: str | None = None
) -> tuple[int, bytes]:
    """Status and body of what REST answers."""
    headers = {"Authorization": f"Bearer {server.database.access[login]}"}
    with closing(HTTPConnection(server.address, timeout=SECONDS)) as connection:
        connection.request(method, f"/api/rest/{path}", body, headers)
        response = connection.getresponse()
        return response.status, response.read()


def test_the_documents_have_its_actions_and_paths_below_its_name(own: Server) -> None:
    found = {}
    with closing(HTTPConnection(own.address, timeout=SECONDS)) as connection:
        for path in ("/docs/", "/openapi.json"):
            connection.request("GET", path)
            found[path] = connection.getresponse().read()
    assert b'<h2 id="journal">Journal</h2>' in found["/docs/"]
    assert b"journal/list" in found["/docs/"]
    document = json.loads(found["/openapi.json"])
    assert document["paths"]["/device/{deviceId}/journal"]["post"]["tags"] == ["Journal"]
    assert document["tags"][-1] == {"name": "Journal"}


def test_an_administrator_finds_its_pages_beside_those_of_the_server(own: Server) -> None:
    status, shown, error = run_manage(
        *("shell", "--no-imports", "--command", VISITS), folder=own.folder, **own.environment
    )
    assert (status, shown) == (0, "200\n" * 4), error


def test_its_own_tests_pass(own: Server) -> None:
    status, _, error = run_manage("test", "journal", folder=own.folder, **own.environment)
    assert status == 0, error
    assert "Ran 1 test in " in error


def refused_start(site: dict[str, str], folder: Path) -> str:
    """What a command says that does not start."""
    status, _, error = run_manage("check", folder=folder, **site)
    assert status == 1
    return error


def test_a_path_without_an_example_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    site = write_site(tmp_path)
    file = tmp_path / "site/journal/handlers.json"
    file.write_text(file.read_text().replace('"deviceId": "lamp-1", "note"', '"note"'))
    assert (
        "(devicehive.E002) The documents have no example of POST device/<deviceId>/journal: "
        "'deviceId' is missing.\n"
        "\tHINT: The action journal/note must exist, and the `request` of its example have all "
        "members that the path names."
    ) in refused_start(site, tmp_path)


def test_an_action_without_an_example_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    site = write_site(tmp_path)
    (tmp_path / "site/journal/handlers.json").unlink()
    assert (
        "(devicehive.E001) The documents have no example of the action journal/list.\n"
        "\tHINT: Put its `request` and `answer` into the file handlers.json beside "
        "journal.handlers."
    ) in refused_start(site, tmp_path)


def test_a_type_that_has_no_schema_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    site = write_site(tmp_path)
    file = tmp_path / "site/journal/handlers.py"
    file.write_text(
        "import datetime\n" + file.read_text().replace("kind: str", "kind: datetime.datetime")
    )
    assert (
        "(devicehive.E003) The documents cannot describe a member of the action journal/list: "
        "DateTimeType has no schema.\n"
        "\tHINT: docs/for-django-developers.md has the types of members."
    ) in refused_start(site, tmp_path)
