"""manage.py exportdevices, and that importdevices reads what it writes."""

from pathlib import Path

import pytest
from django.core.management import CommandError

from devices.models import Device, DeviceType, Network, User
from tests.commands import run
from tests.server import Database, manage, stderr_of

pytestmark = pytest.mark.usefixtures("alice")

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


def test_a_reader_that_has_enough(migrated: Database, tmp_path: Path) -> None:
    with manage("exportdevices", folder=tmp_path, DATABASE_URL=migrated.url) as process:
        assert process.stdout
        process.stdout.close()
    assert "cannot write to standard output: Broken pipe\n" in stderr_of(tmp_path)
    assert "Traceback" not in stderr_of(tmp_path)
