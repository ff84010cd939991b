"""Examines the machine and the settings: disk, open files, secrets, and Django's own checks."""

import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.db import connection

from devicehive.doctor.findings import Finding, Severity, failure, ok, warning

FULL_BYTES = 200 * 1024 * 1024
"""With less free disk space than this, the disk counts as full: SQLite's log alone grows to some
ten MB, and a backup needs as much space as the data."""
FULL_SHARE = 0.1
MANY_FILES = 10_000


def configuration() -> Iterator[Finding]:
    """Run Django's system checks, as `manage.py check` does."""
    found = checks.run_checks()
    for message in found:
        severity = Severity.FAILED if message.is_serious() else Severity.WARNING
        yield Finding(severity, f"{message.msg} ({message.id})", message.hint or "")
    if not found:
        yield ok("manage.py check finds nothing")


def disk() -> Iterator[Finding]:
    """Whether the disks with the state and with SQLite's database have space left."""
    places = {Path(settings.STATE_DIR)}
    if connection.vendor == "sqlite":
        places.add(Path(str(connection.settings_dict["NAME"])).absolute().parent)
    for place in sorted(places):
        usage = shutil.disk_usage(place)
        text = f"{place}: {usage.free / 1024**3:.1f} GB of disk are left"
        if usage.free < FULL_BYTES:
            yield failure(
                text, "Free some space now: a full disk stops saves. See MESSAGE_SECONDS."
            )
        elif usage.free < FULL_SHARE * usage.total and usage.free < 10 * 1024**3:
            yield warning(text, "Free some space, or lower MESSAGE_SECONDS.")
        else:
            yield ok(text)


def open_files() -> Iterator[Finding]:
    """Whether a process may have enough open files for many connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    text = f"a process may have {hard:,} open files; each connection is one"
    if hard < MANY_FILES:
        yield warning(text, "Set LimitNOFILE=65536 in the systemd unit, or ulimit -Hn.")
    else:
        yield ok(text)


def secrets() -> Iterator[Finding]:
    """Whether other users of this machine can read the generated secrets or SQLite's database."""
    files = [Path(settings.STATE_DIR) / name for name in ("secret_key", "jwt_secret")]
    if connection.vendor == "sqlite":
        files.append(Path(str(connection.settings_dict["NAME"])))
    exposed = [
        file for file in files if file.exists() and _lets_others(file) and _lets_others(file.parent)
    ]
    for file in exposed:
        yield warning(f"others on this machine can read {file}", f"chmod 600 {file}")
    if not exposed:
        yield ok("nobody else on this machine can read the secrets")


def _lets_others(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)
