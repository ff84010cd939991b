"""manage.py revoketokens: revoke all tokens of a user, or one pair."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from devicehive.protocol import jwts
from devicehive.protocol.claims import ClaimsSet
from devicehive.protocol.jwts import InvalidToken
from devices.management import named
from devices.services import revocation


class Command(BaseCommand):
    help = (
        "End all tokens of a user, or one token with the other of its pair and all that was made "
        "of them by refreshing and by token/create. Connections that have authenticated with them "
        "lose their power within a second, on every server process."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("login", nargs="?", metavar="LOGIN", help="whose tokens end")
        what.add_argument("--token", metavar="TOKEN", help="an access token or a refresh token")
        parser.add_argument(
            "--issued",
            action="store_true",
            help="end also the tokens on record that LOGIN has made for others",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.COMPATIBLE_MODE:
            raise CommandError("in COMPATIBLE_MODE tokens are good until they expire")
        if options["token"] is None:
            self._end_all(options["login"], issued=options["issued"])
        elif options["issued"]:
            raise CommandError("--issued goes with LOGIN")
        else:
            self._revoke(_verified(options["token"]))

    def _end_all(self, login: str, *, issued: bool) -> None:
        user = named.user(login)
        revocation.end_tokens(user.pk)
        self.stdout.write(f"All tokens of {login} have ended.")
        if issued:
            count = revocation.revoke_issued_by(login)
            self.stdout.write(f"Of those that {login} has made, {count} pairs have ended.")

    def _revoke(self, claims: ClaimsSet) -> None:
        count = revocation.revoke_token(claims)
        ended = (
            f"{count} pairs of tokens have ended."
            if count
            else "There was nothing to end any more."
        )
        self.stdout.write(ended)


def _verified(token: str) -> ClaimsSet:
    try:
        claims = jwts.verify(token)
    except InvalidToken:
        raise CommandError("that is no token of this server") from None
    if claims.jti is None:
        raise CommandError("that token has no id (jti): end all tokens of its user")
    return claims
