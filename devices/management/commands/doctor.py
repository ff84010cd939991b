"""manage.py doctor: find what is wrong with an installation, and say what to do about it."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from functools import partial, update_wrapper
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand

from devicehive.doctor import machine, public_url, stores
from devicehive.doctor.findings import Examination, Severity, diagnose
from devices import doctor

EVERYWHERE: tuple[Examination, ...] = (
    machine.configuration,
    machine.disk,
    machine.open_files,
    machine.secrets,
    stores.database,
    stores.redis_server,
)
OF_TABLES: tuple[Examination, ...] = (doctor.administrators, doctor.tables, doctor.ending_tokens)


def url_for_devices(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise ArgumentTypeError("it begins with ws:// or wss://, and has a host")
    return text


class Command(BaseCommand):
    help = (
        "Examine an installation: settings, disk, database, Redis, tables, tokens, and with --url "
        "the way that devices take. Each line is ok, WARNING or FAILED, with what to do. The exit "
        "status is 0, 1 for warnings, 2 for what has failed."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--url",
            type=url_for_devices,
            help="as devices have it: wss://devices.example.org/api/websocket",
        )
        parser.add_argument(
            "--silence",
            action="store_true",
            help="see, for as long as PING_SECONDS and a little more, if it lives through silence",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        worst = Severity.OK
        for finding in diagnose(_examinations(options["url"], waits=options["silence"])):
            worst = max(worst, finding.severity)
            word = "ok" if finding.severity is Severity.OK else finding.severity.name
            self.stdout.write(f"{word:<8} {finding.text}")
            if finding.advice:
                self.stdout.write(f"{'':<8} {finding.advice}")
        sys.exit(worst)


def _examinations(url: str | None, *, waits: bool) -> Iterator[Examination]:
    yield from EVERYWHERE
    if stores.has_tables():
        yield from OF_TABLES
    if url is not None:
        handshake = partial(public_url.handshake, url, waits=waits)
        yield update_wrapper(handshake, public_url.handshake)
        yield update_wrapper(partial(public_url.certificate, url), public_url.certificate)
