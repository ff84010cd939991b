"""manage.py createadmin: create the first administrator, or reset its password."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from devicehive.orm.preparing import preparing
from devicehive.protocol.refusals import Refused
from devices.management import passwords
from devices.models import User
from devices.services import users


class Command(BaseCommand):
    help = (
        "Create an administrator, unless there is one with this login. The password is that of "
        "the environment variable DEVICEHIVE_ADMIN_PASSWORD, or else a random one, which is "
        "printed once and stored nowhere in readable form. Safe to run at every start."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--login",
            default=settings.DEVICEHIVE_ADMIN_LOGIN,
            help="3 to 128 letters, digits and _@.- (DEVICEHIVE_ADMIN_LOGIN; %(default)s)",
        )
        parser.add_argument(
            "--reset-password",
            action="store_true",
            help="give an existing administrator a new password, and unlock it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        login, reset = options["login"], options["reset_password"]
        try:
            with preparing(self.stderr.write):
                self.ensure(login, reset=reset)
        except Refused as refused:
            raise CommandError(refused.text) from None

    def ensure(self, login: str, *, reset: bool) -> None:
        user = User.objects.filter(login=login).first()
        if user is not None and not user.is_admin:
            raise CommandError(f"the user {login} exists and is not an administrator")
        password, about_it = _password()
        if user is None:
            users.create_administrator(login, password)
            self.stdout.write(f"Created the administrator {login}. {about_it}")
        elif reset:
            users.readmit(user, password)
            self.stdout.write(f"The administrator {login} has a new password. {about_it}")
        else:
            status = "" if user.is_active else f" ({user.get_status_display().lower()})"
            self.stdout.write(f"The administrator {login} exists{status}; nothing was changed.")


def _password() -> tuple[str, str]:
    """The password from the environment or a random one, and a sentence about it to print."""
    configured = settings.DEVICEHIVE_ADMIN_PASSWORD
    if configured:
        return configured, "The password is that of DEVICEHIVE_ADMIN_PASSWORD."
    return passwords.random()
