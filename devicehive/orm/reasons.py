"""Explains in one line why a command cannot use the database, so that an operator can act on it."""

from contextlib import suppress

from django.db import Error, connection

from devicehive.invocation import to_paste
from devicehive.orm.schema import missing_migrations


def reason_of(error: Exception) -> str:
    """The reason for an error of the database: missing migrations, or else the driver's message."""
    with suppress(Error):
        if missing := missing_migrations():
            return lacking(missing)
    # Only the first line; the statement and hints follow below it.
    said = str(error).strip().partition("\n")[0]
    place = f" ({connection.settings_dict['NAME']})" if connection.vendor == "sqlite" else ""
    return f"the database failed: {said}{place}"


def lacking(missing: list[str]) -> str:
    """The text that says that migrations are missing, and how to apply them."""
    return f"the database lacks {len(missing)} migrations; run {to_paste('migrate')}"
