"""The database's clock, which all hosts of an installation have in common.

What is stored bears the moment at which it was stored, and what another process has missed is
looked for by that: two hosts whose clocks differ would find nothing.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from devicehive.protocol import timestamps

logger = logging.getLogger(__name__)

TOLERATED = timedelta(seconds=1)
"""What two clocks that are kept may differ by, and what the answer of a busy database takes."""


def follow_database() -> None:
    """Have `timestamps.now` tell the time of the database, and warn if this host's is another.

    SQLite is on the same host.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (moment,) = cursor.fetchone()
        follow(moment)


def follow(moment: datetime) -> None:
    """Go by a clock that tells this moment now, unless it tells what this host's does."""
    ahead = moment - datetime.now(UTC)
    ahead = ahead if abs(ahead) > TOLERATED else timedelta()
    if abs(ahead - timestamps.get_ahead()) > TOLERATED:
        logger.warning(
            "the clock of this host differs from the database's by %d s: %s",
            -ahead.total_seconds(),
            "the database's counts" if ahead else "not any more",
        )
        timestamps.set_ahead(ahead)


def follow_at_first(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """For `connection_created`: whatever is stored over it is stored after this."""
    if connection.alias == "default":
        follow_database()
