"""manage.py createuser: create a client or an administrator, as `user/insert` does."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devicehive.protocol.refusals import Refused
from devices.management import named, passwords
from devices.models import Network, User
from devices.services import users


class Command(BaseCommand):
    help = (
        "Create a user, by default a client with a random password, which is printed once and "
        "stored nowhere in readable form. A client without a network cannot save devices."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", metavar="LOGIN", help="3 to 128 letters, digits and _@.-")
        parser.add_argument(
            "--admin", action="store_true", help="an administrator, who may do everything"
        )
        parser.add_argument(
            "--network",
            dest="networks",
            metavar="NAME-OR-ID",
            action="append",
            default=[],
            help="make it a member; all digits are an id; may be repeated",
        )
        passwords.add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        networks = [named.find_named(Network, each) for each in options["networks"]]
        role, what = User.Role.CLIENT, "client"
        if options["admin"]:
            role, what = User.Role.ADMIN, "administrator"
        password, about_it = passwords.chosen(options)
        try:
            user = users.insert(
                login=options["login"], password=password, role=role, networks=networks
            )
        except Refused as refused:
            raise CommandError(refused.text) from None
        self.stdout.write(f"Created the {what} {user.login}. {about_it}")
