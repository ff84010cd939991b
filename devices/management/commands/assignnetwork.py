"""manage.py assignnetwork: make a user a member of a network, or end the membership."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from devices.management import named
from devices.models import Network
from devices.services import user_access


class Command(BaseCommand):
    help = (
        "Make a user a member of a network. Clients must log in again: the tokens of a log-in list "
        "the networks of its time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", metavar="LOGIN")
        parser.add_argument("network", metavar="NETWORK", help="name or id; all digits are an id")
        parser.add_argument("--remove", action="store_true", help="end the membership instead")

    def handle(self, *args: Any, **options: Any) -> None:
        user = named.user(options["login"])
        network = named.find_named(Network, options["network"])
        if options["remove"]:
            user_access.unassign_network(user.pk, network.pk)
            self.stdout.write(f"{user.login} is no member of {network.name}.")
        else:
            user_access.assign_network(user.pk, network.pk)
            self.stdout.write(f"{user.login} is a member of {network.name}.")
