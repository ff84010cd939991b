"""Why a command cannot use the database, in a line that an operator can act on."""

from contextlib import suppress

from django.db import Error, connection

from devicehive.invocation import to_paste
from devicehive.orm.schema import missing_migrations


def reason_of(error: Exception) -> str:
    """What the driver says, or that tables are missing where that is why."""
    with suppress(Error):
        if missing := missing_migrations():
            return lacking(missing)
    # The statement, and a hint or two, stand below the first line.
    said = str(error).strip().partition("\n")[0]
    place = f" ({connection.settings_dict['NAME']})" if connection.vendor == "sqlite" else ""
    return f"the database failed: {said}{place}"


def lacking(missing: list[str]) -> str:
    return f"the database lacks {len(missing)} migrations; run {to_paste('migrate')}"
