"""manage.py commands, called as Django calls them."""

import io

from django.core.management import call_command


def run(command: str, *arguments: str) -> str:
    """Run a command and return what it printed on stdout."""
    printed = io.StringIO()
    call_command(command, *arguments, stdout=printed)
    return printed.getvalue()
