"""File descriptors: raises their limit, and keeps some of them free from connections."""

import logging
import os
import resource
from collections.abc import Callable
from typing import Any

from devicehive.log.bounds import Bound
from devicehive.log.lines import beside

logger = logging.getLogger(__name__)

SPARE_DESCRIPTORS = 128
"""How many descriptors connections must leave free: for the database, Redis, logs, and to accept
connections that are then refused."""
_lines = Bound(1, seconds=1)


def raise_descriptor_limit() -> None:
    """Allow as many open files as the system permits: each connection is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def leaves_descriptors() -> bool:
    """Whether SPARE_DESCRIPTORS are free. A new descriptor is the lowest free number, so all below
    it are taken."""
    try:
        lowest = os.open(os.devnull, os.O_RDONLY)
    except OSError:
        return False
    os.close(lowest)
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return lowest < limit - SPARE_DESCRIPTORS


def build_while_descriptors_last(build: Callable[[Any], Any], address: Any) -> Any:
    """Make the protocol of a new connection; None, if too few descriptors are free, closes it at
    once. Closed only in the next event loop iteration, connections would use up the spare ones."""
    if leaves_descriptors():
        return build(address)
    if _lines.take():
        unshown = _lines.count_unshown() or None
        logger.warning("refused a connection: too many open files", extra=beside(unshown=unshown))
    return None
