"""Import devices from files and export them, in the admin."""

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import AsyncClient, Client
from django.urls import reverse

from devices.models import Device, User
from tests.admin.browsing import Answer
from tests.meanwhile import seen_by_all_threads

LIST = reverse("admin:devices_device_changelist")
IMPORT = reverse("admin:devices_device_import")


def upload(client: Client, name: str, text: str | bytes, **options: str) -> Answer:
    content = text.encode() if isinstance(text, str) else text
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, content), **options})


def report(answer: Answer) -> tuple[str, list[tuple[str, str | None, str]]]:
    """The summary, and of each refused row the place, the device and why."""
    rows = answer.context["refused"]
    refused = [(row.place, row.device_id, row.refused.text) for row in rows]
    return str(answer.context["counts"]), refused


def test_a_file_is_imported(admin: Client) -> None:
    answer = upload(admin, "devices.csv", 'id;name;data\nlamp-1;Lamp;"{""on"": true}"\n')
    assert report(answer) == ("1 rows: 1 saved, 0 refused.", [])
    device = Device.objects.get(id="lamp-1")
    assert (device.name, json.loads(device.data or "")) == ("Lamp", {"on": True})


def test_what_is_refused_is_shown_with_its_line(admin: Client, device: Device) -> None:
    text = f"id,name,isBlocked\n{device.pk},Other,perhaps\nlamp-1,Lamp,no\n"
    answer = upload(admin, "devices.csv", text)
    why = "isBlocked: perhaps is neither true nor false"
    assert report(answer) == ("2 rows: 1 saved, 1 refused.", [("line 2", device.pk, why)])
    assert f"<td>{why}</td>" in answer.content.decode()
    device.refresh_from_db()
    assert device.name != "Other"


def test_many_refused_rows_are_counted(admin: Client) -> None:
    answer = upload(admin, "devices.ndjson", "nonsense\n" * 250)
    assert str(answer.context["counts"]) == "250 rows: 0 saved, 250 refused."
    assert len(answer.context["refused"]) == 200
    assert "and 50 more" in answer.content.decode()


def test_only_checking_saves_nothing(admin: Client) -> None:
    answer = upload(admin, "devices.csv", "id,name\nlamp-1,Lamp\n", dry_run="on")
    assert report(answer) == ("1 rows: 1 would be saved, 0 refused.", [])
    assert not Device.objects.filter(id="lamp-1").exists()


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        (
            "devices.txt",
            "id\n",
            "neither the name nor the option `format` tells whether this is NDJSON or CSV",
        ),
        ("devices.csv", b"PK\3\4", "this is a spreadsheet or a ZIP archive: save it as CSV"),
        (
            "devices.csv",
            "id,colour\na,b\n",
            "there is no column colour; the option `ignore unknown` leaves it out",
        ),
        ("devices.csv", "", "The submitted file is empty."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    admin: Client, name: str, content: str | bytes, error: str
) -> None:
    before = Device.objects.count()
    answer = upload(admin, name, content)
    assert answer.context["form"].errors == {"file": [error]}
    assert Device.objects.count() == before


def test_options_are_obeyed(admin: Client) -> None:
    text = "id,name,colour\nlamp-1,Lämp,red\n".encode("latin-1")
    options = {"format": "csv", "encoding": "latin-1", "ignore_unknown": "on"}
    assert report(upload(admin, "devices.txt", text, **options))[0] == "1 rows: 1 saved, 0 refused."
    assert Device.objects.get(id="lamp-1").name == "Lämp"


def test_only_who_may_save_devices_imports_them(bob: User) -> None:
    client = Client()
    client.force_login(bob)
    assert upload(client, "devices.csv", "id,name\nlamp-1,Lamp\n").status_code == 302
    assert not Device.objects.filter(id="lamp-1").exists()


async def exported(alice: User, form: str, **chosen: Any) -> tuple[str, str]:
    """The file's name and content."""
    disposition, pieces = await exported_in_pieces(alice, form, **chosen)
    return disposition, b"".join(pieces).decode()


async def exported_in_pieces(alice: User, form: str, **chosen: Any) -> tuple[str, list[bytes]]:
    browser = AsyncClient()
    await browser.aforce_login(alice)
    answer: Any = await browser.post(LIST, {"action": f"export_{form}", **chosen})
    pieces = [piece async for piece in answer.streaming_content]
    # That of the thread in which the pieces were made: it would outlive the test's database.
    await sync_to_async(connections.close_all)()
    return answer.headers["Content-Disposition"], pieces


@seen_by_all_threads
@pytest.mark.parametrize("form", ["csv", "ndjson"])
async def test_all_that_is_found_is_exported_and_can_be_imported(
    alice: User, device: Device, form: str
) -> None:
    chosen = {"_selected_action": [device.pk], "select_across": "1"}
    disposition, text = await exported(alice, form, **chosen)
    assert disposition.endswith(f'.{form}"')
    assert device.pk in text
    lines = text.splitlines()
    assert len(lines) == await Device.objects.acount() + (form == "csv")


@seen_by_all_threads
async def test_no_piece_holds_many_that_are_long(alice: User, device: Device) -> None:
    long = json.dumps({"noise": "x" * 100_000})
    for number in range(3):
        columns = {"name": "Lamp", "data": long, "network_id": device.network_id}
        await Device.objects.acreate(pk=f"long-{number}", device_type_id=1, **columns)
    chosen = {"_selected_action": [device.pk], "select_across": "1"}
    _, pieces = await exported_in_pieces(alice, "ndjson", **chosen)
    assert b"".join(pieces).count(b"\n") == await Device.objects.acount()
    assert max(map(len, pieces)) < 2 * len(long)


@seen_by_all_threads
async def test_cells_of_an_export_run_in_no_spreadsheet(alice: User, device: Device) -> None:
    await Device.objects.filter(pk=device.pk).aupdate(name="=1+1")
    _, text = await exported(alice, "csv", _selected_action=[device.pk])
    assert '"\'=1+1"' in text
