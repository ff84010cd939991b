"""Get a new password for a command; never from an argument, which every process can read."""

import getpass
import os
import secrets
import warnings
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

PASSWORD_BYTES = 15


def add_options(parser: ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--prompt", action="store_true", help="ask for the password")
    source.add_argument(
        "--password-env",
        metavar="VARIABLE",
        help="take the password from this environment variable (a random one, printed once)",
    )


def chosen(options: dict[str, Any]) -> tuple[str, str]:
    """The password, and a sentence about it to print."""
    if options["prompt"]:
        return _ask_twice(), "The password is the one that was typed."
    variable = options["password_env"]
    if variable is not None:
        if not os.environ.get(variable):
            raise CommandError(f"the environment variable {variable} is not set")
        return os.environ[variable], f"The password is that of {variable}."
    return random()


def random() -> tuple[str, str]:
    """A random password, and a sentence about it to print."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    return password, f"The password, shown only now: {password}"


def _ask_twice() -> str:
    password = _ask("Password: ")
    if _ask("Again: ") != password:
        raise CommandError("the two passwords differ")
    return password


def _ask(prompt: str) -> str:
    try:
        with warnings.catch_warnings():
            # Otherwise getpass would echo the password while it is typed.
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(prompt)
    except (getpass.GetPassWarning, EOFError):
        raise CommandError("there is no terminal to ask on; see --password-env") from None
