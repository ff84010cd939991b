"""The warnings of `manage.py check`, and when they appear."""

from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings as settings_of_tests
from django.core import checks
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from devicehive.keys import kept
from tests.server import execute, run_manage


def found() -> list[str | None]:
    """The ids of what our checks report, each of which says what to do."""
    messages = checks.run_checks(tags=["devicehive"])
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets what the database is configured with; the connection itself stays as it is."""

    def configured(vendor: str, **options: Any) -> None:
        monkeypatch.setattr(connection, "vendor", vendor)
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)

    return configured


def test_default_settings_are_silent(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check", fail_level="WARNING")
    assert capsys.readouterr().out.strip() == "System check identified no issues (0 silenced)."


@pytest.mark.parametrize(
    "secret", ["devicehive", "secret", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw"]
)
def test_weak_secret(settings: Settings, secret: str) -> None:
    settings.JWT_SECRET = secret
    assert found() == ["devicehive.W001"]


def test_a_secret_is_strong_from_32_bytes_on(settings: Settings) -> None:
    settings.JWT_SECRET = b64encode(b"x" * 31).decode()
    assert found() == ["devicehive.W001"]
    settings.JWT_SECRET = b64encode(b"x" * 32).decode()
    assert found() == []


def test_generated_secret_is_strong(settings: Settings, tmp_path: Any) -> None:
    settings.JWT_SECRET = kept(tmp_path / "jwt_secret")
    assert found() == []


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "devices.example.org"])
def test_debug_in_public(settings: Settings, host: str) -> None:
    settings.DEBUG, settings.HOST, settings.ALLOWED_HOSTS = True, host, ["localhost"]
    assert found() == ["devicehive.W002"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_debug_at_home(settings: Settings, host: str) -> None:
    settings.DEBUG, settings.HOST = True, host
    assert found() == []


def test_any_host_name_in_public(settings: Settings) -> None:
    settings.HOST = "0.0.0.0"
    assert found() == ["devicehive.W003"]


def test_several_processes_need_postgresql_and_redis(settings: Settings) -> None:
    settings.PROCESSES, settings.SCALES_OUT = 2, False
    assert found() == ["devicehive.W004"]


def test_several_processes_with_postgresql_and_redis(settings: Settings) -> None:
    settings.PROCESSES, settings.SCALES_OUT = 2, True
    assert found() == []


def test_wrong_channel_layer(settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer"}}
    assert found() == ["devicehive.W005"]


def test_sqlite_as_django_sets_it_up(database: Any) -> None:
    database("sqlite")
    assert found() == ["devicehive.W006", "devicehive.W007"]


def test_sqlite_that_may_lose_commits(database: Any) -> None:
    database("sqlite", transaction_mode="IMMEDIATE", init_command="PRAGMA synchronous=NORMAL;")
    assert found() == ["devicehive.W007"]


@pytest.mark.postgresql
def test_a_database_that_lacks_characters(tmp_path: Path) -> None:
    name = f"latin_{uuid4().hex}"
    execute(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        url = urlsplit(settings_of_tests.DATABASE_URL)._replace(path=f"/{name}").geturl()
        status, _, error = run_manage("migrate", folder=tmp_path, DATABASE_URL=url)
    finally:
        execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert status == 0
    assert "(devicehive.W010) The database stores texts in LATIN1" in error


def test_compatible_mode(settings: Settings) -> None:
    settings.COMPATIBLE_MODE = True
    assert found() == ["devicehive.W009"]
