"""The server deletes old messages by itself, so that nobody has to arrange for it.

Several processes may do it at once: none waits for another.
"""

import asyncio
import logging
from collections.abc import Callable
from time import monotonic

from django.conf import settings
from django.db import DatabaseError
from django.utils.module_loading import import_string

from devicehive.orm.failures import note_failure
from devicehive.serving import database

logger = logging.getLogger(__name__)

BUSY_RESTS = 9
"""How many times as long as a slice took its thread is left to others, while there are any: at
most a tenth of what it can do goes into this."""


def start_pruning() -> asyncio.Task[None]:
    """Prune now and every PRUNE_SECONDS, until the task is cancelled."""
    return asyncio.get_running_loop().create_task(_prune_regularly())


async def _prune_regularly() -> None:
    while settings.PRUNE_SECONDS:
        try:
            await _prune()
        except DatabaseError as error:
            note_failure(error, "old messages are not deleted for now")
        except Exception:
            # Nobody awaits this: it would have ended until the next start.
            logger.exception("old messages are not deleted for now")
        await asyncio.sleep(settings.PRUNE_SECONDS)


async def _prune() -> None:
    slice_: Callable[[], int] = import_string(settings.PRUNE)

    def timed() -> tuple[int, float]:
        began = monotonic()
        return slice_(), monotonic() - began

    while True:
        deleted, seconds = await database.run_between_batches(timed)
        if not deleted:
            return
        # Others may wait as well: for the thread, or in another process for SQLite's lock.
        await asyncio.sleep(seconds * (BUSY_RESTS if database.is_busy() else 1))
