"""Files in STATE_DIR are readable by their user only."""

import os
from pathlib import Path

import pytest

from tests.server import run_manage

NAMES = ["devicehive.sqlite3", "jwt_secret", "secret_key"]


TABLE = """
from pathlib import Path
from django.conf import settings
from django.db import connection
connection.cursor().execute("CREATE TABLE IF NOT EXISTS one (n int)")
database = Path(settings.DATABASES["default"]["NAME"])
beside = list(database.parent.glob(f"{database.name}-*"))
assert len(beside) == 2
assert {path.stat().st_mode for path in beside} == {database.stat().st_mode}
"""
"""What SQLite keeps beside a database while it is open has the mode of the database."""


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


def start(folder: Path, work: Path, **environment: str) -> None:
    """A command that opens the database, with secrets in the folder too."""
    work.mkdir(exist_ok=True)
    status, _, error = run_manage(
        *("shell", "--no-imports", "--command", TABLE),
        folder=work,
        **{"STATE_DIR": str(folder), "JWT_SECRET": ""} | environment,
    )
    assert status == 0, error


@pytest.fixture(autouse=True)
def _usual_umask() -> None:
    # What the commands inherit.
    os.umask(0o022)


def test_a_new_folder_and_all_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    start(folder, tmp_path / "work")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert modes(folder) == dict.fromkeys(NAMES, 0o600)


def test_a_database_that_others_could_read(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    start(folder, tmp_path / "work")
    (folder / "devicehive.sqlite3").chmod(0o644)
    start(folder, tmp_path / "work")
    assert modes(folder) == dict.fromkeys(NAMES, 0o600)


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o750)
    start(folder, tmp_path / "work")
    assert folder.stat().st_mode & 0o777 == 0o750
    assert modes(folder) == dict.fromkeys(NAMES, 0o600)


def test_a_database_elsewhere_keeps_its_mode(tmp_path: Path) -> None:
    """Who put it there may have others read it; a new one is private there, too."""
    there, new = tmp_path / "there.sqlite3", tmp_path / "new.sqlite3"
    there.touch(mode=0o640)
    for database in there, new:
        # Opened for a moment only: what is beside it has gone by the end.
        start(tmp_path / "state", tmp_path / "work", DATABASE_URL=f"sqlite:///{database}")
    assert there.stat().st_mode & 0o777 == 0o640
    assert new.stat().st_mode & 0o777 == 0o600
