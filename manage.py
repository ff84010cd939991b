#!/usr/bin/env python3
"""The command line of the device server: `manage.py help` lists the commands."""

import io
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "devicehive.settings")
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
