"""manage.py unlockuser: let a user log in again who was locked out or has to wait."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devices.management import named
from devices.models import User
from devices.services import users


class Command(BaseCommand):
    help = (
        "Let a user log in again who was locked out, or who must wait after too many wrong "
        "passwords. For a new password see manage.py changepassword."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", metavar="LOGIN")

    def handle(self, *args: Any, **options: Any) -> None:
        user = named.user(options["login"])
        if user.status == User.Status.DISABLED:
            raise CommandError(f"{user.login} is not locked out but disabled; see the admin")
        users.unlock(user)
        self.stdout.write(f"{user.login} can log in.")
