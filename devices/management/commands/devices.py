"""manage.py devices: list devices that are connected, away or silent."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.db.models import QuerySet

from devicehive.protocol.timestamps import timestamp_text
from devices.management.acting import acting, add_as
from devices.management.failures import database_failed
from devices.management.terminal import printable
from devices.models import Device, Presence, User
from devices.services import access, presence
from devices.services.presence_keeping import release_lost

UNITS = {"s": "seconds", "min": "minutes", "m": "minutes", "h": "hours", "d": "days"}
COLUMNS = ("id", "name", "presence", "since", "last heard", "address", "user")


def duration(text: str) -> timedelta:
    """`90s`, `10min`, `1h` or `7d`."""
    match = re.fullmatch(rf"([1-9][0-9]{{0,8}})({'|'.join(UNITS)})", text)
    if not match:
        raise ArgumentTypeError(f"no time such as 90s, 10min, 1h or 7d: {text}")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


class Command(BaseCommand):
    help = (
        "List devices with their presence, those heard of last first, in columns that tabs "
        "separate. All moments are UTC."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--connected", action="store_true", help="only those that are")
        which.add_argument(
            "--silent",
            type=duration,
            metavar="TIME",
            help="only those that were heard of, but not for so long: 10min, 1h, 7d",
        )
        which.add_argument("--never", action="store_true", help="only those never heard of")
        add_as(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        principal = acting(options["login"])
        try:
            # A process may have been killed, and no other may have released its devices since.
            for _ in release_lost():
                pass
            self.write_all(_chosen(access.accessible_devices(principal).queryset, options))
        except DatabaseError as error:
            raise database_failed(error) from None

    def write_all(self, devices: QuerySet[Device]) -> None:
        logins = dict(User.objects.values_list("pk", "login"))
        self.stdout.write("\t".join(COLUMNS))
        found = presence.with_presence(devices).defer("data")
        for device in found.order_by("-last_heard", "id").iterator():
            self.stdout.write("\t".join(_columns(device, logins)))


def _chosen(devices: QuerySet[Device], options: dict[str, Any]) -> QuerySet[Device]:
    if options["connected"]:
        return presence.are_connected(devices, True)
    if options["silent"]:
        return presence.are_silent(devices, options["silent"])
    return presence.were_heard(devices, False) if options["never"] else devices


def _columns(device: Device, logins: dict[int, str]) -> list[str]:
    there: Presence | None = getattr(device, "there", None)
    # A name may have tabs, line breaks, and escape sequences for the terminal.
    named = [device.id, printable(" ".join(device.name.split()))]
    if there is None:
        return [*named, "never", "", "", "", ""]
    moments = [moment and timestamp_text(moment) for moment in (there.since, there.heard_at)]
    state = "connected" if there.is_connected else "not connected"
    login = "" if there.user_id is None else logins.get(there.user_id, str(there.user_id))
    return [*named, state, *(text or "" for text in moments), there.address, login]
