"""The benchmark and its peers start, and its measurements count (benchmarks/)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from django.conf import settings
from django.db import connection

from benchmarks.filling import notifications
from benchmarks.measuring import MOST_REPEATS, Measured, measure_undisturbed
from benchmarks.results import Results
from devices.models import Device, Notification

ON_POSTGRESQL = settings.DATABASE_URL.startswith("postgres")
CONTENDERS = ("server", "full", "pruning", "listening", "echo", "naive", "viewset")
REGIMES = ("one", "unchanged", "get", "authenticate", "page", "get-rest", "poll", "reconnect")
MOST_SECONDS = 300
"""A run takes ten on a quiet machine: servers that are set up and started one after the other."""


def benchmark(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    vendor = "postgresql" if ON_POSTGRESQL else "sqlite"
    return subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks", "--database", vendor, "--devices", "200"),
            *(
                "--full",
                "200",
                "1000",
                "--seconds",
                "0.1",
                "--rounds",
                "1",
                "--output",
                str(folder / "results.json"),
            ),
            *options,
        ],
        cwd=settings.BASE_DIR,
        env=os.environ | {"STATE_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=MOST_SECONDS,
        check=False,
    )


@pytest.mark.soak
def test_every_contender_is_measured_and_has_stored_what_it_acknowledged(tmp_path: Path) -> None:
    contenders = [*CONTENDERS, *(["plain"] if ON_POSTGRESQL else [])]
    done = benchmark(tmp_path, "--although-busy", "--only", *contenders, *REGIMES)
    assert done.returncode == 0, done.stderr
    results = Results.read(tmp_path / "results.json")
    assert {each.contender for each in results.checks if each.devices} == {*contenders} - {"echo"}
    assert {each.contender for each in results.rounds} == {*contenders}
    assert {each.regime for each in results.rounds if each.contender == "server"} == set(REGIMES)
    assert not results.faults
    assert "A full server has 200 devices and 1,000 notifications." in done.stdout


@pytest.mark.django_db
def test_the_ten_millionth_notification_is_of_one_of_a_million_devices() -> None:
    Device.objects.create(id="device-992081", name="Lamp", network_id=1, device_type_id=1)
    with connection.cursor() as cursor:
        cursor.execute(notifications(9_999_999, 1, 1_000_000, network="NULL", name="filled"))
    assert Notification.objects.get().device_id == "device-992081"


def measured(others_core: float) -> Measured:
    zeros = dict.fromkeys(
        ("per_second", "p50_ms", "p99_ms", "server_cpu_us", "server_core", "load_core"), 0.0
    )
    counts = {"round": 0, "count": 1, "failures": 0, "database_cpu_us": None}
    names = {"database": "SQLite", "regime": "one", "contender": "server"}
    return msgspec.convert(zeros | counts | names | {"others_core": others_core}, Measured)


@pytest.mark.parametrize(
    ("others", "counts", "is_disturbed"),
    [([0.1], 0.1, False), ([0.9, 0.1], 0.1, False), ([0.5, 0.3, 0.9], 0.3, True)],
)
def test_a_round_beside_others_is_taken_again(
    others: list[float], counts: float, is_disturbed: bool
) -> None:
    rounds: Iterator[Measured] = map(measured, others)
    best = measure_undisturbed(lambda: next(rounds))
    assert (best.others_core, best.is_disturbed) == (counts, is_disturbed)
    assert list(rounds) == []
    assert len(others) <= 1 + MOST_REPEATS
