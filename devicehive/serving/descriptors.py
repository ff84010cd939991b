"""Open files: as many as the system allows, and some of them never for connections."""

import logging
import os
import resource
from collections.abc import Callable
from typing import Any

from devicehive.log.bounds import Bound
from devicehive.log.lines import beside

logger = logging.getLogger(__name__)

SPARE_DESCRIPTORS = 128
"""Open files that connections leave: for the database, Redis, logs, and accepting to refuse."""
_lines = Bound(1, seconds=1)


def raise_descriptor_limit() -> None:
    """Have as many open files as the system allows: each connection is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def leaves_descriptors() -> bool:
    """Whether SPARE_DESCRIPTORS are free. The system gives the lowest that is free, so all those
    below it are taken."""
    try:
        lowest = os.open(os.devnull, os.O_RDONLY)
    except OSError:
        return False
    os.close(lowest)
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return lowest < limit - SPARE_DESCRIPTORS


def build_while_descriptors_last(build: Callable[[Any], Any], address: Any) -> Any:
    """Make the protocol of a new connection, or None, which has it closed at once: Twisted accepts
    a hundred in a turn, and what is closed only in the next takes what is kept spare."""
    if leaves_descriptors():
        return build(address)
    if _lines.take():
        unshown = _lines.count_unshown() or None
        logger.warning(
            "refused a connection: open files are too many", extra=beside(unshown=unshown)
        )
    return None
