"""Tests of manage.py commands, called through Django's `call_command`."""

import io

import pytest
from django.core.management import CommandError, call_command


def run(command: str, *arguments: str) -> str:
    """Run a command and return what it printed on stdout."""
    printed = io.StringIO()
    call_command(command, *arguments, stdout=printed)
    return printed.getvalue()


def run_refused(command: str, *arguments: str) -> tuple[str, str]:
    """Run a command that must fail; returns what it printed on stdout, and why it failed."""
    printed = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command(command, *arguments, stdout=printed)
    return printed.getvalue(), str(error.value)
