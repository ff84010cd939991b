"""What a command says, in one line, when its surroundings do not do what they should."""

import os
import sys

from django.core.management.base import CommandError
from django.db import DatabaseError

INTERRUPTED = 130
"""The exit status of what Ctrl-C ended, as shells have it."""


def database_failed(error: DatabaseError) -> CommandError:
    """The first line of what the driver says: the statement, and a hint or two, stand below it."""
    return CommandError(f"the database failed: {str(error).strip().partition(chr(10))[0]}")


def output_failed(text: str) -> CommandError:
    """Of standard output. What is left in its buffer is let go: when Python ends, it writes that
    once more, and would complain of the same error in several lines."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return CommandError(text)
