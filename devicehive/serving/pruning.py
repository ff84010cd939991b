"""The server deletes old messages by itself, so that nobody has to arrange for it.

Several processes may do it at once: none waits for another.
"""

import asyncio
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.utils.module_loading import import_string

from devicehive.orm.failures import note_failure
from devicehive.protocol.actions import Runs
from devicehive.serving import database


def start_pruning() -> asyncio.Task[None]:
    """Prune now and every PRUNE_SECONDS, until the task is cancelled."""
    return asyncio.get_running_loop().create_task(_prune_regularly())


async def _prune_regularly() -> None:
    while settings.PRUNE_SECONDS:
        try:
            await _prune()
        except DatabaseError as error:
            note_failure(error, "old messages are not deleted for now")
        await asyncio.sleep(settings.PRUNE_SECONDS)


async def _prune() -> None:
    slice_: Callable[[], int] = import_string(settings.PRUNE)
    # Each slice anew: it keeps no thread and no connection from others for long.
    while await database.run(Runs.DATABASE, slice_):
        pass
