"""manage.py createtoken: make tokens for a user, as `token/create` does for an administrator."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from devicehive.protocol.claims import ANY_ID
from devicehive.protocol.permissions import BY_NAME
from devices.management.acting import active
from devices.management.numbers import integer
from devices.models import DeviceType, Network
from devices.services import tokens
from devices.services.tokens import LONGEST_TOKEN_DAYS

ID = "[0-9]{1,18}"
ISSUER = "manage.py createtoken"


def actions(text: str) -> tuple[int, ...]:
    """The `a` claim for names separated by commas."""
    names = _separated(text)
    unknown = [name for name in names if name.lower() not in BY_NAME]
    if unknown:
        known = ", ".join(permission.wire_name for permission in BY_NAME.values())
        raise ArgumentTypeError(f"no such action: {', '.join(unknown)} (there are {known})")
    return tuple(BY_NAME[name.lower()].value for name in names)


def ids(text: str) -> tuple[str, ...]:
    """The `n` or `dt` claim for ids separated by commas, or `*`."""
    listed = tuple(_separated(text))
    wrong = [each for each in listed if each != ANY_ID and not re.fullmatch(ID, each)]
    if wrong:
        raise ArgumentTypeError(f"neither an id nor *: {', '.join(wrong)}")
    return listed


def _separated(text: str) -> list[str]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise ArgumentTypeError("nothing is listed")
    return words


class Command(BaseCommand):
    help = (
        "Print an access token and a refresh token for a user. Without options they allow what "
        "those of a log-in allow: everything to an administrator, to a client the client actions "
        "within the networks it is in now."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", metavar="LOGIN", help="an active user")
        parser.add_argument(
            "--actions",
            type=actions,
            metavar="NAME,...",
            help="such as GetDevice,RegisterDevice; * is everything; default: by role",
        )
        parser.add_argument(
            "--networks",
            type=ids,
            metavar="ID,...",
            help="where; * is everywhere; default: by role",
        )
        parser.add_argument(
            "--device-types",
            type=ids,
            metavar="ID,...",
            help="of which types; * is all; default: by role",
        )
        parser.add_argument(
            "--days",
            type=integer(least=1, most=LONGEST_TOKEN_DAYS),
            metavar="N",
            help="lifetime of both; default: access token "
            f"{settings.ACCESS_TOKEN_SECONDS} s, refresh token {settings.REFRESH_TOKEN_SECONDS} s",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = active(options["login"])
        _check_existing(Network, "network", options["networks"])
        _check_existing(DeviceType, "device type", options["device_types"])
        given = {
            claim: options[claim]
            for claim in ("actions", "networks", "device_types")
            if options[claim] is not None
        }
        scope = replace(tokens.scope_of(user), **given)
        lifetime = options["days"]
        expiration = timezone.now() + timedelta(days=lifetime) if lifetime else None
        pair = tokens.issue_on_record(user, scope, issued_by=ISSUER, expiration=expiration)
        self.stdout.write(f"access token:  {pair.access}\nrefresh token: {pair.refresh}")


def _check_existing(
    model: type[Network | DeviceType], what: str, listed: tuple[str, ...] | None
) -> None:
    wanted = {int(each) for each in listed or () if each != ANY_ID}
    missing = wanted - set(model.objects.filter(id__in=wanted).values_list("id", flat=True))
    if missing:
        raise CommandError(f"no such {what}: {', '.join(map(str, sorted(missing)))}")
