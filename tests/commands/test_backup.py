"""manage.py backup beside a server that saves, and the restore that docs/operating.md describes."""

import asyncio
import re
import shlex
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.faults.load import load, stored
from tests.server import Database, Server, StartServer, create_postgresql, run_manage

PAGE = (Path(settings.BASE_DIR) / "docs" / "operating.md").read_text()
on_sqlite = pytest.mark.skipif(
    not settings.DATABASE_URL.startswith("sqlite"), reason="of SQLite's file"
)


def back_up(server: Server, target: Path, **environment: str) -> tuple[int, str, str]:
    return run_manage(
        "backup",
        str(target),
        folder=server.folder,
        **{"DATABASE_URL": server.database.url} | environment,
    )


def restored(database: Database, target: Path, folder: Path) -> Database:
    """What the page tells to type, done to another database than the one that was copied."""
    if database.url.startswith("sqlite"):
        path = folder / "devicehive.sqlite3"
        path.write_bytes(target.read_bytes())
        return replace(database, url=f"sqlite:///{path}")
    url = create_postgresql()
    (command,) = re.findall(r"^    (pg_restore .*)$", PAGE, re.MULTILINE)
    command = command.replace('"$DATABASE_URL"', url).replace("devicehive.backup", str(target))
    subprocess.run(shlex.split(command), check=True)
    return replace(database, url=url)


async def test_a_copy_made_under_load_has_all_that_was_acknowledged_before(
    start_server: StartServer, tmp_path: Path
) -> None:
    server, target = start_server(), tmp_path / "copy"
    async with load(server) as running:
        await running.acknowledges(200)
        before = [saver.acknowledged for saver in running.savers]
        ended = await asyncio.to_thread(back_up, server, target)
        await running.acknowledges(200)
        running.stopping = True
    assert ended == (0, f"{target}: {target.stat().st_size:,} bytes\n", "")
    assert target.stat().st_mode & 0o777 == 0o600
    assert [saver.failures for saver in running.savers] == [[]] * len(before)
    copy = restored(server.database, target, tmp_path)
    other = Server(copy, tmp_path)
    try:
        found = stored(other, running.savers)
    finally:
        other.close()
        copy.drop()
    assert all(is_ >= was for is_, was in zip(found, before, strict=True)), (found, before)


@on_sqlite
def test_a_copy_is_one_sound_file(start_server: StartServer, tmp_path: Path) -> None:
    target = tmp_path / "copy"
    target.write_text("an older one")
    assert back_up(start_server(), target)[0] == 0
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("PRAGMA journal_mode").fetchall() == [("delete",)]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["copy"]


@pytest.mark.parametrize(
    ("target", "environment", "reason"),
    [
        ("no-folder/copy", {}, "CommandError: {target}: No such file or directory"),
        (".", {}, "CommandError: {target} is not a file"),
        (
            "copy",
            {"DATABASE_URL": "sqlite:////nowhere/devicehive.sqlite3"},
            "CommandError: /nowhere/devicehive.sqlite3: unable to open database file",
        ),
        (
            "copy",
            {"DATABASE_URL": "postgres://nobody:secret@127.0.0.1:1/x"},
            'pg_dump: error: connection to server at "127.0.0.1", port 1 failed: .*',
        ),
        (
            "copy",
            {"DATABASE_URL": "postgres://127.0.0.1:1/x", "PATH": "/nowhere"},
            "CommandError: pg_dump is not installed: it comes with PostgreSQL's client",
        ),
    ],
)
def test_what_prevents_a_copy_is_told_in_one_line_and_leaves_nothing(
    target: str, environment: dict[str, str], reason: str, tmp_path: Path
) -> None:
    path = tmp_path / target
    given: dict[str, Any] = {"DATABASE_URL": settings.DATABASE_URL} | environment
    status, output, error = run_manage("backup", str(path), folder=tmp_path, **given)
    assert (status, output) == (1, "")
    (line,) = error.splitlines()
    assert re.search(reason.format(target=re.escape(str(path))), line), line
    assert "secret" not in line
    assert {each.name for each in tmp_path.iterdir()} <= {"stderr", "secret_key"}
