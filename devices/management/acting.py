"""Choose the user on whose behalf a command acts, because the services need a principal."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from devicehive.protocol.actor import ACTOR
from devicehive.protocol.permissions import Principal
from devices.models import User
from devices.services import standing


def add_as(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--as",
        dest="login",
        metavar="LOGIN",
        help="act as this user, within what it may reach; default: the first active administrator",
    )


def acting(login: str | None = None) -> Principal:
    """The principal of `login`, or of the active administrator with the lowest id."""
    user = administrator() if login is None else active(login)
    principal = standing.unlimited(user)
    ACTOR.set(principal)
    return principal


def administrator() -> User:
    found = User.objects.filter(role=User.Role.ADMIN, status=User.Status.ACTIVE)
    user = found.order_by("id").first()
    if user is None:
        raise CommandError("there is no active administrator; see manage.py createadmin --help")
    return user


def active(login: str) -> User:
    user = User.objects.filter(login=login, status=User.Status.ACTIVE).first()
    if user is None:
        raise CommandError(f"there is no active user with the login {login}")
    return user
