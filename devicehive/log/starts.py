"""Logs that a process has begun to serve."""

import logging
import os
from typing import Any

from django.conf import settings
from django.db import connection

from devicehive import __version__
from devicehive.log.lines import beside
from devicehive.log.visitors import peer_of

logger = logging.getLogger(__name__)


def note_start(port: Any) -> None:
    """Log the address that the process listens on, its version, and its database."""
    address = port.getHost()
    members = {
        "address": peer_of((address.host, address.port)),
        "process": os.getpid(),
        "version": __version__,
        "database": connection.vendor,
        "redis": bool(settings.REDIS_URL),
    }
    logger.info("started", extra=beside(**members))
