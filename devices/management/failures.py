"""Errors of commands, in one line, if the database or the output fails."""

import os
import sys

from django.core.management.base import CommandError
from django.db import DatabaseError

from devicehive.orm.reasons import reason_of


def database_failed(error: DatabaseError) -> CommandError:
    return CommandError(reason_of(error))


def output_failed(text: str) -> CommandError:
    """The error of a command that cannot write to standard output. It discards the buffer, which
    Python would try to write again at exit, and then report the failure in several lines."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return CommandError(text)
