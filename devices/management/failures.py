"""What a command says, in one line, when its surroundings do not do what they should."""

import os
import sys

from django.core.management.base import CommandError
from django.db import DatabaseError

from devicehive.orm.reasons import reason_of


def database_failed(error: DatabaseError) -> CommandError:
    return CommandError(reason_of(error))


def output_failed(text: str) -> CommandError:
    """The error of a command that cannot write to standard output. What is left in its buffer is
    let go: when Python ends, it writes that once more, and would complain in several lines."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return CommandError(text)
