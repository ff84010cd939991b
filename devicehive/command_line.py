"""Runs commands; if one cannot run, reports why in one line instead of a traceback."""

import io
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error

from devicehive import __version__


def run_command(arguments: list[str]) -> None:
    """Run a management command. The first argument is the program, as in `sys.argv`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "devicehive.settings")
    if arguments[1:] in (["version"], ["--version"]):
        # Django would print its own version.
        sys.stdout.write(f"{__version__}\n")
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Escape characters that the terminal cannot show, as on stderr; otherwise they would end
        # the command.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        execute_from_command_line(arguments)
    except (ImproperlyConfigured, Error, EOFError) as error:
        if "--traceback" in arguments:
            raise
        sys.exit(tell(error))


def tell(error: Exception) -> str:
    """The line that says why a command cannot run."""
    if isinstance(error, ImproperlyConfigured):
        return f"configuration: {error}"
    if isinstance(error, EOFError):
        return "standard input ended where an answer was needed"
    # Not at the top, because this needs the settings, which may be invalid.
    from devicehive.orm.reasons import reason_of

    return reason_of(error)
