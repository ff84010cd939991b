"""The database's clock, which all hosts of an installation use.

Every message is stored with a timestamp, and processes find the events that they have missed by it.
Hosts whose clocks differ would miss events of each other.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from devicehive.protocol import timestamps

logger = logging.getLogger(__name__)

TOLERATED = timedelta(seconds=1)
"""The difference between two clocks that is ignored: synchronised clocks differ, and a busy
database takes time to answer."""


def follow_database() -> None:
    """Set `timestamps.now` to the clock of PostgreSQL, and warn if this host's clock differs.

    SQLite runs on the same host, so nothing has to be done for it.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (moment,) = cursor.fetchone()
        follow(moment)


def follow(moment: datetime) -> None:
    """Set `timestamps.now` to a clock that shows `moment` now, if this host's clock differs by more
    than TOLERATED; otherwise to this host's. Logs a change of the difference."""
    ahead = moment - datetime.now(UTC)
    ahead = ahead if abs(ahead) > TOLERATED else timedelta()
    if abs(ahead - timestamps.get_ahead()) > TOLERATED:
        logger.warning(
            "the clock of this host differs from the database's by %d s: %s",
            -ahead.total_seconds(),
            "using the database's clock" if ahead else "using this host's clock again",
        )
        timestamps.set_ahead(ahead)


def follow_at_first(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Receiver of `connection_created`: read the clock before the connection stores anything."""
    if connection.alias == "default":
        follow_database()
