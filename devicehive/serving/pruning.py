"""Deletes old messages in the background, so that nobody has to schedule `manage.py prune`.

Several processes may do so at once; none waits for another.
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
"""While batches are running, the pause after a slice is so many times as long as the slice took.
So pruning takes at most a tenth of the writer thread's time."""


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
            # Nobody awaits this task: an exception would end it until the next start.
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
        # Pause even if no batch is running: others may wait for the thread, or in another process
        # for SQLite's lock.
        await asyncio.sleep(seconds * (BUSY_RESTS if database.is_busy() else 1))
