"""Commands, and what stops them: in one line that an operator can act on, not in a traceback."""

import io
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error

from devicehive import __version__


def run_command(arguments: list[str]) -> None:
    """Run the command of a command line, of which the program is the first part."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "devicehive.settings")
    if arguments[1:] in (["version"], ["--version"]):
        # Django would tell its own.
        sys.stdout.write(f"{__version__}\n")
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What the terminal cannot show is escaped, as on stderr, instead of ending the command.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        execute_from_command_line(arguments)
    except (ImproperlyConfigured, Error, EOFError) as error:
        if "--traceback" in arguments:
            raise
        sys.exit(tell(error))


def tell(error: Exception) -> str:
    if isinstance(error, ImproperlyConfigured):
        return f"configuration: {error}"
    if isinstance(error, EOFError):
        return "standard input ended where an answer was needed"
    # Here, because they need the settings, which may be what is wrong.
    from devicehive.orm.reasons import reason_of

    return reason_of(error)
