"""The results of a run, and the file that stores them."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Self

import msgspec

from benchmarks.idle import Idle
from benchmarks.measuring import Measured

PACKAGES = ("django", "channels", "daphne", "psycopg", "msgspec", "websockets", "asyncpg")


class Check(msgspec.Struct, kw_only=True):
    """The comparison of a database, at the end, with what was acknowledged."""

    database: str
    contender: str
    devices: int
    wrongly_stored: list[str]
    """The devices whose stored state is not that of their last acknowledged save."""
    failures: int
    first_failure: str
    inserted: int
    """How many notifications were acknowledged; the next is how many of them are not stored."""
    lost: int


class Results(msgspec.Struct, kw_only=True):
    date: str
    commit: str
    machine: str
    packages: str
    seconds: float
    repeats: int
    full: tuple[int, int]
    """The numbers of devices and notifications of a full server."""
    databases: dict[str, str] = {}
    """For each database its version, and the durability of its commits."""
    rounds: list[Measured] = []
    idle: list[Idle] = []
    checks: list[Check] = []
    doubts: list[str] = []
    """Warnings about conditions that may have disturbed the measurement."""

    @classmethod
    def new(cls, *, seconds: float, rounds: int, full: tuple[int, int]) -> Self:
        return cls(
            date=datetime.now(UTC).date().isoformat(),
            commit=_commit(),
            machine=_machine(),
            packages=", ".join(f"{name} {version(name)}" for name in PACKAGES),
            seconds=seconds,
            repeats=rounds,
            full=full,
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        return msgspec.json.decode(path.read_bytes(), type=cls)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self)) + b"\n")

    def of(self, database: str, regime: str, contender: str) -> list[Measured]:
        """The rounds of one contender, in their order."""
        key = (database, regime, contender)
        return [m for m in self.rounds if (m.database, m.regime, m.contender) == key]

    @property
    def disturbed(self) -> list[Measured]:
        """The rounds that were disturbed by other processes even when repeated."""
        return [measured for measured in self.rounds if measured.is_disturbed]

    @property
    def faults(self) -> list[Check]:
        return [
            check for check in self.checks if check.failures or check.wrongly_stored or check.lost
        ]


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _machine() -> str:
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return (
        f"{os.cpu_count()} cores of {cpu}, Linux {platform.release()}, "
        f"Python {platform.python_version()}"
    )
