"""Options and tokens of the commands that connect to a running server."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings

from devicehive.hosts import WEBSOCKET_PATH, connecting_name
from devices.management.acting import administrator
from devices.services import tokens

URL = f"ws://{connecting_name(settings.HOST)}:{settings.PORT}{WEBSOCKET_PATH}"


def add_server(parser: ArgumentParser) -> None:
    parser.add_argument("--url", default=URL, help="the server; default: %(default)s")
    parser.add_argument(
        "--token", help="access token; default: a new one of the first administrator"
    )


def token_maker(options: dict[str, Any]) -> Callable[[], str]:
    """A callable that makes a valid access token, without the database."""
    given: str | None = options["token"]
    if given:
        return lambda: given
    user = administrator()
    scope = tokens.scope_of(user)
    return lambda: tokens.issue(user, scope).access
