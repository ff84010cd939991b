"""devicehive/settings.py, read by a process of its own."""

from pathlib import Path

from tests.server import run_manage


def test_options_of_the_database_url_are_kept(tmp_path: Path) -> None:
    statement = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'])"
    status, output, error = run_manage(
        *("shell", "--no-imports", "--command", statement),
        folder=tmp_path,
        DATABASE_URL="postgres://server@127.0.0.1/devicehive?sslmode=require",
    )
    assert (status, error) == (0, "")
    assert "'sslmode': 'require'" in output
    assert "'connect_timeout': 2" in output
