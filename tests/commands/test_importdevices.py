"""manage.py importdevices and exportdevices."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from pytest_django import Settings

from devices.models import Device, Network, User
from tests.commands import run, run_refused
from tests.factories import DEVICE_MEMBERS, make_user
from tests.server import SECONDS, Database, manage, run_manage, stderr_of

NO_FORMAT = "neither the name nor the option `format` tells whether this is NDJSON or CSV"


@pytest.fixture(autouse=True)
def only_alice(alice: User) -> None:
    """She imports; and the registry is empty."""
    Device.objects.all().delete()


def stored() -> list[dict[str, Any]]:
    return list(Device.objects.order_by("id").values(*DEVICE_MEMBERS))


def written(folder: Path, name: str, content: str | bytes) -> str:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(file)


NDJSON = """\
{"id": "a-1", "name": "Ä", "data": {"n": 1.50, "big": 12345678901234567890123}, "networkId": 1}
{"id": "b-1", "name": "B", "deviceTypeName": "Cars", "isBlocked": true}
"""
CSV = """\
id,name,data,networkName,deviceTypeId,isBlocked
a-1,Ä,"{""n"": 1.50, ""big"": 12345678901234567890123}",Sample Network,,
b-1,B,,,7,TRUE
"""
BOTH: list[dict[str, Any]] = [
    {
        "id": "a-1",
        "name": "Ä",
        "data": '{"n": 1.50, "big": 12345678901234567890123}',
        "network_id": 1,
        "device_type_id": 1,
        "is_blocked": False,
    },
    {
        "id": "b-1",
        "name": "B",
        "data": None,
        "network_id": 1,
        "device_type_id": 7,
        "is_blocked": True,
    },
]


@pytest.mark.parametrize(("name", "content"), [("d.ndjson", NDJSON), ("d.csv", CSV)])
def test_rows_are_saved_as_device_save_saves(tmp_path: Path, name: str, content: str) -> None:
    assert run("importdevices", written(tmp_path, name, content)) == (
        "2 rows: 2 saved, 0 refused.\n"
    )
    assert stored() == BOTH


@pytest.mark.parametrize(("name", "content"), [("d.ndjson", NDJSON), ("d.csv", CSV)])
def test_a_file_as_windows_writes_it(tmp_path: Path, name: str, content: str) -> None:
    content = "\ufeff" + content.replace("\n", "\r\n")
    run("importdevices", written(tmp_path, name, content))
    assert stored() == BOTH


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_a_file_as_excel_writes_it(tmp_path: Path, encoding: str) -> None:
    content = 'id;name;data\r\na-1;é;"{""n"": 1.50, ""m"": 2}"\r\n'.encode(encoding)
    run("importdevices", written(tmp_path, "DEVICES.CSV", content), "--encoding", "cp1252")
    assert [(row["name"], row["data"]) for row in stored()] == [("é", '{"n": 1.50, "m": 2}')]


def test_a_json_array_as_rest_answers_it(tmp_path: Path) -> None:
    content = f"[{','.join(NDJSON.splitlines())}]"
    assert run("importdevices", written(tmp_path, "devices.json", content)) == (
        "2 rows: 2 saved, 0 refused.\n"
    )
    assert stored() == BOTH


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.csv", "id, name\na-1, New\n"),
        ("d.csv", "id,name,isBlocked\na-1,New,\n"),
        ("d.ndjson", '{"id": "a-1", "name": "New", "isBlocked": null}\n'),
    ],
)
def test_what_is_not_given_is_kept_the_data_too(tmp_path: Path, name: str, content: str) -> None:
    run("importdevices", written(tmp_path, "devices.ndjson", NDJSON))
    Device.objects.update(is_blocked=True)
    run("importdevices", written(tmp_path, name, content))
    assert stored()[0] == BOTH[0] | {"name": "New", "is_blocked": True}


@pytest.mark.parametrize(
    ("name", "content"),
    [("d.csv", "id,data\na-1,\n"), ("d.ndjson", '{"id": "a-1", "data": null}\n')],
)
def test_null_data_clears_it(tmp_path: Path, name: str, content: str) -> None:
    run("importdevices", written(tmp_path, "devices.ndjson", NDJSON))
    run("importdevices", written(tmp_path, name, content))
    assert stored()[0] == BOTH[0] | {"data": None}


def test_blanks_after_the_commas_hide_no_data(tmp_path: Path) -> None:
    content = 'id, name, data\na-1, A, "{""n"": 2}"\n'
    run("importdevices", written(tmp_path, "devices.csv", content))
    assert [(row["name"], row["data"]) for row in stored()] == [("A", '{"n": 2}')]


def test_what_is_neither_true_nor_false_unblocks_nothing(tmp_path: Path) -> None:
    run("importdevices", written(tmp_path, "devices.ndjson", NDJSON))
    file = written(tmp_path, "devices.csv", "id,isBlocked\nb-1,WAHR\n")
    assert run_refused("importdevices", file) == (
        "line 2: b-1: isBlocked: WAHR is neither true nor false\n",
        "1 rows: 0 saved, 1 refused.",
    )
    assert stored() == BOTH


def test_an_unknown_column_is_refused_or_ignored(tmp_path: Path) -> None:
    file = written(tmp_path, "devices.csv", "id,name,colour\na-1,A,red\n")
    _, error = run_refused("importdevices", file)
    assert error == f"{file}: there is no column colour; the option `ignore unknown` leaves it out"
    assert stored() == []
    assert run("importdevices", file, "--ignore-unknown") == "1 rows: 1 saved, 0 refused.\n"


def test_rows_that_disagree_are_told(tmp_path: Path) -> None:
    file = written(tmp_path, "devices.csv", "id,name\na-1,A\na-1,B\n")
    assert run_refused("importdevices", file) == (
        "line 3: a-1: line 2 says otherwise of the same device: name\n",
        "2 rows: 1 saved, 1 refused.",
    )
    assert [row["name"] for row in stored()] == ["A"]


def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, "devices.ndjson", NDJSON)
    run("importdevices", file)
    assert run("importdevices", file) == "2 rows: 2 saved, 0 refused.\n"
    assert stored() == BOTH


def test_a_dry_run_reports_and_saves_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, "devices.ndjson", NDJSON + '{"id": "c-1"}\n')
    printed, error = run_refused("importdevices", file, "--dry-run")
    assert printed == "line 3: c-1: name field cannot be null.\n"
    assert error == "3 rows: 2 would be saved, 1 refused."
    assert stored() == []


def test_each_refused_row_is_reported_and_the_others_are_saved(tmp_path: Path) -> None:
    rows = (
        b'{"id": "a-1", "name": "A"}\n'
        b"\n"
        b'{"name": "no id"}\n'
        b'{"id": "b_1", "name": "B"}\n'
        b'{"id": "c-1"}\n'
        b'{"id": "d-1", "name": "D", "networkName": "none"}\n'
        b'{"id": "e-1", "name": "E", "networkId": 77}\n'
        b'{"id": "f-1", "name": "F", "deviceTypeId": 1, "deviceTypeName": "Cars"}\n'
        b'{"id": "g-1", "name": "G", "data": [1]}\n'
        b'{"id": "h-1", "name": "\xff"}\n'
        b'{"id": "i-1", "name": "I", "networkId": {}}\n'
        b"rubbish\n"
        b'{"id": "z-1", "name": "Z"}'
    )
    printed, error = run_refused("importdevices", written(tmp_path, "devices.ndjson", rows))
    assert printed.splitlines() == [
        "line 3: -: Device id is wrong or empty",
        "line 4: b_1: Device Id can only contain letters, digits and dashes.",
        "line 5: c-1: name field cannot be null.",
        "line 6: d-1: there is no network with the name none",
        "line 7: e-1: Invalid request parameters",
        "line 8: f-1: deviceTypeId and deviceTypeName are both given",
        "line 9: g-1: 'parameters' must be JSON Object!",
        "line 10: -: not UTF-8, or not in the encoding that was said",
        "line 11: i-1: Expected `int | null`, got `object` - at `$.networkId`",
        "line 12: -: JSON is malformed: invalid character (byte 0)",
    ]
    assert error == "12 rows: 2 saved, 10 refused."
    assert [row["id"] for row in stored()] == ["a-1", "z-1"]


def test_refused_rows_of_a_csv_file_are_found_by_their_first_line(tmp_path: Path) -> None:
    rows = (
        b"id,name,data\n"
        b'a-1,A,"{\n""x"": 1}"\n'
        b'b-1,"B"x,\n'
        b"c-1,C,{},x\n"
        b"d-1,D\n"
        b"e-\xff,E,\n"
        b"\n"
        b"f_1,F,\n"
        b"g-1,G,nope\n"
        b"h-1,\0,\n"
        b"z-1,Z,"
    )
    printed, error = run_refused("importdevices", written(tmp_path, "devices.csv", rows))
    assert printed.splitlines() == [
        "line 4: -: ',' expected after '\"'",
        "line 5: -: 4 cells for 3 columns",
        "line 6: -: 2 cells for 3 columns",
        "line 7: e-\\udcff: not UTF-8, or not in the encoding that was said",
        "line 9: f_1: Device Id can only contain letters, digits and dashes.",
        "line 10: g-1: data: JSON is malformed: invalid character (byte 1)",
        "line 11: h-1: name: NUL character",
    ]
    assert error == "9 rows: 2 saved, 7 refused."
    assert [row["data"] for row in stored()] == ['{\n"x": 1}', None]


def test_an_id_cannot_command_the_terminal(tmp_path: Path) -> None:
    printed, _ = run_refused(
        "importdevices", written(tmp_path, "devices.csv", "id,name\n\x1b[2J\x07é,A\n")
    )
    assert printed == (
        "line 2: \\u001b[2J\\u0007é: Device Id can only contain letters, digits and dashes.\n"
    )


def test_a_data_cell_cannot_bring_other_members_along(tmp_path: Path) -> None:
    rows = 'id,name,data\na-1,A,"{}, ""isBlocked"": true"\n'
    printed, _ = run_refused("importdevices", written(tmp_path, "devices.csv", rows))
    assert printed == "line 2: a-1: data: JSON is malformed: trailing characters (byte 3)\n"


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
def test_later_rows_see_earlier_ones(tmp_path: Path, dry_run: tuple[str, ...]) -> None:
    rows = '{"id": "a-1", "name": "A"}\n{"id": "a-1", "isBlocked": true}\n'
    assert ", 0 refused." in run(
        "importdevices", written(tmp_path, "devices.jsonl", rows), *dry_run
    )


def test_more_rows_than_one_batch_holds(tmp_path: Path, settings: Settings) -> None:
    settings.SAVE_BATCH_SIZE = 2
    rows = "".join(f'{{"id": "d-{number}", "name": "D"}}\n' for number in range(5))
    assert run("importdevices", written(tmp_path, "devices.ndjson", rows)) == (
        "5 rows: 5 saved, 0 refused.\n"
    )
    assert len(stored()) == 5


def test_as_a_client_only_what_is_the_clients_is_saved(tmp_path: Path, network: Network) -> None:
    make_user("bob").networks.add(network)
    rows = '{"id": "a-1", "name": "A"}\n{"id": "b-1", "name": "B", "networkId": 1}\n'
    file = written(tmp_path, "devices.ndjson", rows)
    printed, _ = run_refused("importdevices", file, "--as", "bob")
    assert printed == "line 2: b-1: No access to network!\n"
    assert [row["network_id"] for row in stored()] == [network.id]


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("devices.txt", "", NO_FORMAT),
        ("devices", "", NO_FORMAT),
        ("devices.csv", "", "the first line must name the columns, with `id` among them"),
        ("devices.csv", "a-1,A\n", "the first line must name the columns"),
        ("devices.csv", "id,name,id\na-1,A,b-1\n", "two columns have the name id"),
        ("devices.csv", "PK\x03\x04", "this is a spreadsheet or a ZIP archive: save it as CSV"),
        ("devices.json", "[{]", "the JSON array cannot be read"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, name: str, content: str, text: str) -> None:
    with pytest.raises(CommandError, match=text):
        run("importdevices", written(tmp_path, name, content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file or directory"):
        run("importdevices", str(tmp_path / "devices.csv"))


def test_the_format_can_be_said(tmp_path: Path) -> None:
    run("importdevices", written(tmp_path, "devices.txt", CSV), "--format", "csv")
    assert stored() == BOTH


def test_a_report_is_escaped_where_the_terminal_cannot_show_it(
    migrated: Database, tmp_path: Path
) -> None:
    file = written(tmp_path, "devices.csv", "id,name\nlämp,A\n")
    status, printed, _ = run_manage(
        "importdevices", file, folder=tmp_path, DATABASE_URL=migrated.url, PYTHONIOENCODING="ascii"
    )
    assert printed == ("line 2: l\\xe4mp: Device Id can only contain letters, digits and dashes.\n")
    assert status == 1


def test_a_database_without_tables_is_told_in_one_line(tmp_path: Path) -> None:
    file = written(tmp_path, "devices.csv", "id,name\na-1,A\n")
    database = f"sqlite:///{tmp_path}/empty.sqlite3"
    status, _, error = run_manage("importdevices", file, folder=tmp_path, DATABASE_URL=database)
    assert (status, len(error.splitlines())) == (1, 1)
    assert error.startswith("CommandError: the database lacks ")


def test_a_report_that_nobody_takes_is_told_in_one_line(migrated: Database, tmp_path: Path) -> None:
    file = written(tmp_path, "devices.csv", "id,name\nla mp,A\n")
    with manage("importdevices", file, folder=tmp_path, DATABASE_URL=migrated.url) as process:
        assert process.stdout
        process.stdout.close()
    assert process.returncode == 1
    assert stderr_of(tmp_path) == (
        "CommandError: cannot write the report: Broken pipe; what is saved stays\n"
    )


def test_control_c_ends_it_without_a_traceback(migrated: Database, tmp_path: Path) -> None:
    pipe = tmp_path / "devices.ndjson"
    os.mkfifo(pipe)
    arguments = ("importdevices", str(pipe))
    with manage(*arguments, folder=tmp_path, DATABASE_URL=migrated.url) as process, pipe.open("w"):
        # It reads by now: to open a pipe for writing waits for the other end.
        process.send_signal(signal.SIGINT)
        process.wait(SECONDS)
    assert process.returncode == 130
    assert stderr_of(tmp_path).endswith("CommandError: stopped early; what is saved stays\n")
