"""manage.py doctor, on installations that are broken in one way each."""

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from devicehive.doctor import stores
from devicehive.doctor.findings import Finding, Severity, failure, ok, warning
from devices.doctor import tables
from devices.models import Device, Notification
from tests.conftest import Connection
from tests.faults.own_redis import OwnRedis
from tests.server import MANAGE, SECONDS, Database, Server, launch, run_manage, stderr_of

OK, WARNING, FAILED = 0, 1, 2
REDIS_ADVICE = "Correct the user, the password and the number of the database in REDIS_URL."


class Installation:
    """Settings, a database, and a server that runs with them."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.folder.chmod(0o700)
        self.environment: dict[str, Any] = {"DATABASE_URL": server.database.url}

    @property
    def url(self) -> str:
        return self.server.url


def doctor(there: Installation, *arguments: str, **environment: str) -> tuple[int, str]:
    given = there.environment | environment
    status, output, error = run_manage("doctor", *arguments, folder=there.folder, **given)
    assert error == ""
    return status, output


def found(output: str) -> list[str]:
    """The findings that are not ok, each with what to do."""
    # PostgreSQL may be set up for tests, which lose nothing in a power failure.
    output = re.sub(r"^WARNING  PostgreSQL: .* is off.*\n.*\n", "", output, flags=re.MULTILINE)
    bad = re.findall(r"^(?:WARNING|FAILED) .*(?:\n {9}.*)?", output, re.MULTILINE)
    return [" ".join(each.split()) for each in bad]


@pytest.fixture
def installation(server: Server, tmp_path: Path) -> Installation:
    return Installation(server, tmp_path)


def test_an_installation_with_nothing_wrong_is_ok(installation: Installation) -> None:
    status, output = doctor(installation, "--url", installation.url)
    assert found(output) == []
    assert status == (WARNING if " is off: " in output else OK)
    assert f"ok       {installation.url} answers as a WebSocket" in output
    assert "ok       migrations are complete" in output


def test_the_database_is_away(installation: Installation) -> None:
    url = "postgres://nobody:hunter2@127.0.0.1:1/nowhere"
    status, output = doctor(installation, DATABASE_URL=url)
    assert status == FAILED
    (line,) = found(output)
    assert line.endswith(" Start it, or correct DATABASE_URL.")
    assert "hunter2" not in output


def test_the_database_is_empty(installation: Installation, tmp_path: Path) -> None:
    status, output = doctor(installation, DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    assert status == FAILED
    (line,) = found(output)
    assert re.fullmatch(r"FAILED \d+ migrations are missing Run manage.py migrate.", line)


def test_nobody_is_an_administrator(
    installation: Installation, migrated: Database, request: pytest.FixtureRequest
) -> None:
    own = migrated.copy(installation.folder)
    request.addfinalizer(own.drop)
    own.execute("UPDATE devices_user SET status = 2 WHERE login = 'alice'")
    status, output = doctor(installation, DATABASE_URL=own.url)
    assert status == WARNING
    assert found(output) == [
        "WARNING nobody is an administrator who can log in Run manage.py createadmin."
    ]


def test_redis_that_is_away_has_failed(installation: Installation) -> None:
    status, output = doctor(installation, REDIS_URL="redis://127.0.0.1:1")
    (line,) = found(output)
    assert status == FAILED
    assert line.startswith("FAILED Redis does not answer: ")
    assert line.endswith(" Start it, or correct REDIS_URL.")


@pytest.fixture
def slow_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes as long for a round trip as a Redis far away."""
    monkeypatch.setattr(stores, "SLOW_SECONDS", SECONDS)


@pytest.mark.usefixtures("slow_is_near")
@pytest.mark.parametrize(
    ("given", "user", "found_out"),
    [
        (
            ("--timeout", "10"),
            "",
            warning(
                "Redis ends connections that are idle for 10 s", "Set timeout 0 in redis.conf."
            ),
        ),
        (
            ("--requirepass", "sesame"),
            "",
            failure("Redis refuses: HELLO must be called with", REDIS_ADVICE),
        ),
        (
            ("--requirepass", "sesame"),
            "?password=wrong",
            failure("Redis refuses: invalid username-password pair", REDIS_ADVICE),
        ),
    ],
)
def test_redis_is_set_up_wrongly(
    settings: Settings, tmp_path: Path, given: tuple[str, str], user: str, found_out: Finding
) -> None:
    own = OwnRedis(tmp_path, *given)
    settings.REDIS_URL = own.url + user
    try:
        findings = [*stores.redis_server()]
    finally:
        own.kill()
    (told,) = [each for each in findings if each.severity is not Severity.OK]
    assert told._replace(text=told.text[: len(found_out.text)]) == found_out


@pytest.mark.usefixtures("slow_is_near")
def test_redis_does_not_tell_its_settings(settings: Settings, tmp_path: Path) -> None:
    own = OwnRedis(tmp_path, "--rename-command", "CONFIG", "")
    settings.REDIS_URL = own.url
    try:
        findings = [*stores.redis_server()]
    finally:
        own.kill()
    assert findings == [
        ok("Redis does not show its settings, as is usual where it is hosted"),
        ok("Redis answers"),
    ]


def test_a_secret_is_weak(installation: Installation) -> None:
    status, output = doctor(installation, JWT_SECRET="devicehive")
    (line,) = found(output)
    assert status == WARNING
    assert "(devicehive.W001)" in line


def test_others_can_read_the_secrets(installation: Installation) -> None:
    secret = installation.folder / "secret_key"
    secret.write_text("a secret that others can read, of some length\n")
    secret.chmod(0o644)
    installation.folder.chmod(0o755)
    status, output = doctor(installation)
    line = f"WARNING others on this machine can read {secret} chmod 600 {secret}"
    assert (status, line in found(output)) == (WARNING, True)


def test_others_can_read_the_database(installation: Installation, tmp_path: Path) -> None:
    database = tmp_path / "elsewhere" / "devicehive.sqlite3"
    database.parent.mkdir()
    database.parent.chmod(0o755)
    database.touch()
    database.chmod(0o644)
    _, output = doctor(installation, DATABASE_URL=f"sqlite:///{database}")
    assert f"WARNING others on this machine can read {database} chmod 600 {database}" in found(
        output
    )


def test_secrets_in_a_folder_of_their_user_are_read_by_nobody_else(
    installation: Installation,
) -> None:
    secret = installation.folder / "secret_key"
    secret.write_text("a secret in a folder that others cannot enter\n")
    secret.chmod(0o644)
    _, output = doctor(installation)
    assert "ok       nobody else on this machine can read the secrets" in output


def test_few_open_files_are_a_warning(installation: Installation) -> None:
    folder = installation.folder
    command = ["sh", "-c", 'ulimit -n 512; exec "$@"', "sh", sys.executable, MANAGE, "doctor"]
    with launch(command, folder=folder, **installation.environment) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == WARNING, stderr_of(folder)
    (line,) = found(output)
    assert line.startswith("WARNING a process may have 512 open files; each connection is one Set")


def test_a_token_is_about_to_end(
    installation: Installation, migrated: Database, request: pytest.FixtureRequest
) -> None:
    own = migrated.copy(installation.folder)
    request.addfinalizer(own.drop)
    installation.environment = {"DATABASE_URL": own.url}
    status, _, error = run_manage(
        *("createtoken", "bob", "--days", "3"),
        folder=installation.folder,
        **installation.environment,
    )
    assert status == 0, error
    status, output = doctor(installation)
    (line,) = found(output)
    assert status == WARNING
    assert re.match(r"WARNING 1 tokens end within 14 days: bob's on \d{4}-\d\d-\d\d ", line)


def test_messages_of_the_last_day_are_counted_apart(as_bob: Connection, device: Device) -> None:
    for name in "yesterday", "today":
        told = {"notification": name}
        as_bob.ask("notification/insert", deviceId=device.pk, notification=told)
    earlier = timezone.now() - timedelta(hours=25)
    Notification.objects.filter(notification="yesterday").update(stored_at=earlier)
    (finding,) = tables()
    assert finding.text.endswith("; 2 notifications, 1 of the last day")
