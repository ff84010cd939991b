"""manage.py createnetwork: create a network, as `network/insert` does."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devicehive.protocol.refusals import Refused
from devices.services import networks


class Command(BaseCommand):
    help = "Create a network. Only administrators reach it until users are assigned to it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="1 to 128 characters, not yet taken")
        parser.add_argument("--description", help="at most 128 characters (none)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            network = networks.insert(name=options["name"], description=options["description"])
        except Refused as refused:
            raise CommandError(refused.text) from None
        self.stdout.write(f"Created the network {network.name}; its id is {network.pk}.")
