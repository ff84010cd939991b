"""Settings that a command gets in a process of its own."""

from pathlib import Path

from tests.server import run_manage


def run_python(statement: str, folder: Path, **environment: str) -> str:
    """What is printed by a statement that the command `shell` runs."""
    status, output, error = run_manage(
        *("shell", "--no-imports", "--command", statement), folder=folder, **environment
    )
    assert (status, error) == (0, "")
    return output


def test_options_of_the_database_url_are_kept(tmp_path: Path) -> None:
    statement = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'])"
    url = "postgres://server@127.0.0.1/devicehive?sslmode=require"
    output = run_python(statement, tmp_path, DATABASE_URL=url)
    assert "'sslmode': 'require'" in output
    assert "'connect_timeout': 2" in output


def test_garbage_is_looked_for_once_all_is_imported(tmp_path: Path) -> None:
    assert run_python("import gc; print(gc.isenabled())", tmp_path) == "True\n"


def test_who_has_sqlite_alone_waits_for_no_other_driver(tmp_path: Path) -> None:
    statement = "import sys; print({'psycopg', 'redis'} & sys.modules.keys())"
    assert run_python(statement, tmp_path, REDIS_URL="") == "set()\n"
