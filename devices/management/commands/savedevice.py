"""manage.py savedevice: register or update a device, as `device/save` does."""

import re
from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from devicehive.protocol.refusals import Refused
from devices.files.cells import row_of
from devices.management.acting import acting, add_as
from devices.management.terminal import BETWEEN_MEMBERS, printable
from devices.schemas.device import DeviceOut
from devices.services import devices, transfer


class Command(BaseCommand):
    help = (
        "Register a device, or update the one with this id, by the rules of device/save, and "
        "print it as it is stored. What is not given is kept, the data too."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", help="up to 48 letters, digits and dashes")
        parser.add_argument("--name", help="1 to 128 characters; a new device needs one")
        parser.add_argument(
            "--network",
            metavar="NAME-OR-ID",
            help="digits are an id; default for a new device: the user's first network",
        )
        parser.add_argument(
            "--type",
            metavar="NAME-OR-ID",
            help="digits are an id; default for a new device: the first device type",
        )
        parser.add_argument(
            "--data", metavar="JSON", help="an object; null clears the data that is stored"
        )
        parser.add_argument(
            "--blocked", action=BooleanOptionalAction, help="default for a new device: not blocked"
        )
        add_as(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        principal = acting(options["login"])
        cells = {
            "id": options["id"],
            "name": options["name"],
            "data": options["data"],
            _numbered_or_named("network", options["network"]): options["network"],
            _numbered_or_named("deviceType", options["type"]): options["type"],
            "isBlocked": None if options["blocked"] is None else str(options["blocked"]),
        }
        try:
            row = row_of({name: text for name, text in cells.items() if text is not None})
            transfer.save_row(principal, row)
            stored = devices.get(principal, options["id"])
        except Refused as refused:
            raise CommandError(refused.text) from None
        text = msgspec.json.encode(DeviceOut.of(stored)).decode()
        self.stdout.write(printable(text, keeps=BETWEEN_MEMBERS))


def _numbered_or_named(member: str, given: str | None) -> str:
    by_id = given is not None and re.fullmatch("[0-9]+", given)
    return f"{member}Id" if by_id else f"{member}Name"
