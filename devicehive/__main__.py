"""The command line: manage.py in a clone, `devicehive-server` where pip installed the server."""

import io
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from devicehive import __version__


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "devicehive.settings")
    if sys.argv[1:] in (["version"], ["--version"]):
        # Django would tell its own.
        sys.stdout.write(f"{__version__}\n")
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What the terminal cannot show is escaped, as on stderr, instead of ending the command.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # One line an operator can act on, instead of a traceback through Django.
        sys.exit(f"configuration: {error}")


if __name__ == "__main__":
    main()
