"""manage.py exportdevices, whose output importdevices can read."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.models import Device, DeviceType, Network, User
from tests.commands import run, run_refused
from tests.server import MANAGE, Database, manage, run_manage, stderr_of
from tests.thorough import examples

pytestmark = pytest.mark.usefixtures("alice")

NAMED = "Lämpchen 💡"
DATA = [
    None,
    "{}",
    '{"n": 1.50, "big": 12345678901234567890123, "e": 1E+2, "null": null, "b": 1, "a": 2}',
    '{ "text" : "\\"quoted\\", \\n, \\ud83d\\ude00, Ä, \U0001f600" }',
]


@pytest.fixture(autouse=True)
def registry(alice: User, network: Network, device_type: DeviceType) -> None:
    Device.objects.all().delete()
    for number, data in enumerate(DATA):
        Device.objects.create(
            id=f"d-{number}",
            name=f'Lamp "{number}", \u2028 Ä',
            data=data,
            network=network,
            device_type=device_type,
            is_blocked=bool(number % 2),
        )


def stored() -> list[tuple[object, ...]]:
    """The devices without the ids that another installation gives networks and types."""
    columns = ("id", "name", "data", "network__name", "device_type__name", "is_blocked")
    return list(Device.objects.order_by("id").values_list(*columns))


def test_rows_are_written_to_standard_output() -> None:
    Device.objects.exclude(id="d-1").delete()
    Device.objects.update(name="Lamp")
    assert run("exportdevices") == (
        '{"id":"d-1","name":"Lamp","data":{},"networkName":"bob\'s network",'
        '"deviceTypeName":"Sensors","isBlocked":true}\n'
    )


def test_rows_are_written_as_csv() -> None:
    Device.objects.exclude(id__in=["d-0", "d-1"]).delete()
    Device.objects.update(name="Lamp")
    assert run("exportdevices", "--format", "csv") == (
        "id,name,data,networkName,deviceTypeName,isBlocked\n"
        "d-0,Lamp,,bob's network,Sensors,false\n"
        "d-1,Lamp,{},bob's network,Sensors,true\n"
    )


@pytest.mark.parametrize("name", ["devices.ndjson", "devices.csv"])
def test_another_installation_imports_the_same(tmp_path: Path, name: str) -> None:
    before, file = stored(), str(tmp_path / name)
    run("exportdevices", "--output", file)
    Network.objects.all().delete()
    Network.objects.create(name="bob's network")
    assert run("importdevices", file) == "4 rows: 4 saved, 0 refused.\n"
    assert stored() == before


CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
NAME = st.text(CHARACTERS, min_size=1, max_size=128) | st.sampled_from(
    ["=1+1", "'=1", "''@", "'", ",", ";", "\t", "\r", "a\rb", "\r\n", '"', "\ufeff", " ", "\x85"]
)
"""Whatever the database can hold: PostgreSQL holds no NUL, no encoding has surrogates."""
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # Lone surrogates can be written as escapes only, and are none of valid JSON.
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(CHARACTERS), inner),
    max_leaves=10,
)
OBJECT = st.builds(
    json.dumps,
    st.dictionaries(st.text(CHARACTERS), JSON, max_size=4),
    ensure_ascii=st.booleans(),
    indent=st.none() | st.just(1),
)


@pytest.mark.parametrize(
    "arguments", [("d.ndjson",), ("d.csv",), ("d.csv", "--safe-cells")], ids=" ".join
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(50))
@given(name=NAME, data=st.none() | OBJECT, network_name=NAME, type_name=NAME)
def test_whatever_is_stored_comes_back(
    tmp_path: Path,
    arguments: tuple[str, ...],
    name: str,
    data: str | None,
    network_name: str,
    type_name: str,
) -> None:
    Device.objects.exclude(id="d-1").delete()
    Device.objects.update(name=name, data=data)
    Network.objects.filter(devices__id="d-1").update(name=network_name)
    DeviceType.objects.filter(devices__id="d-1").update(name=type_name)
    before = stored()
    file, *options = arguments
    run("exportdevices", "--output", str(tmp_path / file), *options)
    Device.objects.update(name="other", data='{"other": 1}', is_blocked=False)
    assert run("importdevices", str(tmp_path / file)) == "1 rows: 1 saved, 0 refused.\n"
    if file == "d.ndjson" and data:
        before = [(*before[0][:2], data.replace("\n", " "), *before[0][3:])]
    assert stored() == before


@pytest.mark.parametrize("name", ["devices.txt", "devices", "devices.xlsx", "devices.json"])
def test_a_suffix_that_tells_no_format(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    _, error = run_refused("exportdevices", "--output", str(file))
    assert error == (
        f"{file}: neither the name nor the option `format` tells whether this is NDJSON or CSV"
    )
    assert not file.exists()


def test_safe_cells_are_for_csv() -> None:
    assert run_refused("exportdevices", "--safe-cells") == (
        "",
        "--safe-cells is for CSV: say --format csv",
    )


def test_a_suffix_may_be_in_capitals(tmp_path: Path) -> None:
    run("exportdevices", "--output", str(tmp_path / "DEVICES.CSV"))
    assert (tmp_path / "DEVICES.CSV").read_text().startswith("id,name,data,")


def test_line_breaks_in_data_stay_in_csv_and_become_spaces_in_ndjson(tmp_path: Path) -> None:
    Device.objects.exclude(id="d-1").delete()
    Device.objects.update(data='{\r\n"a": 1\n}')
    run("exportdevices", "--output", str(tmp_path / "devices.csv"))
    run("importdevices", str(tmp_path / "devices.csv"))
    assert Device.objects.get().data == '{\r\n"a": 1\n}'
    run("exportdevices", "--output", str(tmp_path / "devices.ndjson"))
    run("importdevices", str(tmp_path / "devices.ndjson"))
    assert Device.objects.get().data == '{  "a": 1 }'


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file or directory"):
        run("exportdevices", "--output", str(tmp_path / "none" / "devices.csv"))


def test_a_full_disk_is_told_in_one_line() -> None:
    with pytest.raises(CommandError, match="cannot write /dev/full: No space left on device"):
        run("exportdevices", "--format", "csv", "--output", "/dev/full")


@pytest.fixture(scope="module")
def with_a_lamp(
    migrated: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """Where the database is of an installation with one device."""
    folder = tmp_path_factory.mktemp("with-a-lamp")
    database = migrated.copy(folder)
    there = {"DATABASE_URL": database.url}
    status, _, error = run_manage("savedevice", "lamp", "--name", NAMED, folder=folder, **there)
    assert status == 0, error
    yield there
    database.drop()


@pytest.mark.parametrize(
    "locale", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C"}]
)
def test_the_output_is_utf_8_in_every_locale(
    with_a_lamp: dict[str, str], tmp_path: Path, locale: dict[str, str]
) -> None:
    with manage("exportdevices", folder=tmp_path, **with_a_lamp, **locale) as process:
        output: Any = process.stdout
        exported = output.buffer.read()
    assert process.returncode == 0, stderr_of(tmp_path)
    assert NAMED in exported.decode()


def test_a_database_without_tables_is_told_in_one_line(tmp_path: Path) -> None:
    output = tmp_path / "devices.csv"
    status, _, error = run_manage(
        *("exportdevices", "--output", str(output)),
        folder=tmp_path,
        DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3",
    )
    assert (status, len(error.splitlines())) == (1, 1)
    assert error.startswith("CommandError: the database lacks ")
    assert not output.exists()


def test_standard_output_that_is_closed(migrated: Database, tmp_path: Path) -> None:
    process = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, str(MANAGE), "exportdevices"],
        env={"DATABASE_URL": migrated.url, "STATE_DIR": str(tmp_path), "JWT_SECRET": "a" * 48},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stderr) == (1, "CommandError: standard output is closed\n")


def test_a_reader_that_has_enough(migrated: Database, tmp_path: Path) -> None:
    with manage("exportdevices", folder=tmp_path, DATABASE_URL=migrated.url) as process:
        assert process.stdout
        process.stdout.close()
    assert process.returncode == 1
    assert stderr_of(tmp_path) == "CommandError: cannot write to standard output: Broken pipe\n"
