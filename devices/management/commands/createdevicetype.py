"""manage.py createdevicetype: create a device type, as `devicetype/insert` does."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devicehive.protocol.refusals import Refused
from devices.services import device_types


class Command(BaseCommand):
    help = "Create a device type. Users for whom all types are available can use it at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="1 to 128 characters, not yet taken")
        parser.add_argument("--description", help="at most 128 characters (none)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            device_type = device_types.insert(
                name=options["name"], description=options["description"]
            )
        except Refused as refused:
            raise CommandError(refused.text) from None
        self.stdout.write(
            f"Created the device type {device_type.name}; its id is {device_type.pk}."
        )
