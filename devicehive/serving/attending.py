"""Stores the presence of devices, every few seconds and when the server stops."""

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
"""How long a stopping server may take to store that its devices are no longer connected. Other
processes do the rest within seconds, or the next one that starts."""

END: Final = object()
"""Marks the end of the steps."""


class Attending:
    """Stores presence in the background, until `stop`."""

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
    """Run a generator function, given by its path, which yields after each transaction."""
    steps: Iterator[None] = import_string(name)()
    try:
        while await database.run_beside_saves(partial(next, steps, END)) is not END:
            pass
    except DatabaseError as error:
        note_failure(error, "the presence of devices is not stored for now")
    except Exception:
        # Nobody awaits this task: an exception would end it until the next start.
        logger.exception("the presence of devices is not stored for now")
