"""The server writes down, every few seconds, which devices are there."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.utils.module_loading import import_string

from devicehive.orm.failures import note_failure
from devicehive.serving import database

logger = logging.getLogger(__name__)

END_SECONDS = 1
"""How long a stopping server writes down that its devices have gone; what is left, other processes
find within seconds, or the next that starts."""

END: Final = object()
"""Stands for that there is no step any more."""


class Attending:
    """Runs beside the connections, until `stop`."""

    def __init__(self) -> None:
        self.task = asyncio.get_running_loop().create_task(self.keep_regularly())

    async def keep_regularly(self) -> None:
        while True:
            await asyncio.sleep(settings.PRESENCE_SECONDS)
            await _write(settings.KEEP_PRESENCE)

    async def stop(self) -> None:
        self.task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await _write(settings.END_PRESENCE)


async def _write(name: str) -> None:
    """Go through what a function of that name yields, after each of its transactions."""
    steps: Iterator[None] = import_string(name)()
    try:
        while await database.run_beside_saves(partial(next, steps, END)) is not END:
            pass
    except DatabaseError as error:
        note_failure(error, "which devices are there is not written down for now")
    except Exception:
        # Nobody awaits this: it would have ended until the next start.
        logger.exception("which devices are there is not written down for now")
