"""What a load balancer or an orchestrator asks.

Not through Django: probes come under any Host, and a server whose pages wait for a thread is alive.
"""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import add
from typing import Any, NamedTuple

from django.db import Error, connection

from devicehive import __version__
from devicehive.orm.connections import check_file
from devicehive.orm.reasons import reason_of
from devicehive.orm.schema import known_migrations, missing_migrations
from devicehive.orm.writing import obstacle, try_writing
from devicehive.protocol.http_messages import JSON, Answer, Send
from devicehive.serving import database

logger = logging.getLogger(__name__)

DATABASE_SECONDS = 5
"""For the database to answer: more than a busy machine needs, or DATABASE_CONNECT_SECONDS, after
which the cause is known. A probe that has less patience sees the same from that."""
UNANSWERED_SECONDS = 10
"""DeviceHive's clients do not wait longer for the answer to a save."""
UNPREPARED = "the database lacks migrations"
NO_DATABASE = "the database does not answer"
FAILING = "saves fail"
LATE = f"requests wait for more than {UNANSWERED_SECONDS} seconds"
NOT_KEPT = (b"cache-control", b"no-store")


async def livez(scope: Any, receive: Any, send: Send) -> None:
    """The process runs and its event loop turns. Asks nothing else: a restart would not help."""
    await _answer(scope, send, 200, {"status": "alive"})


async def readyz(scope: Any, receive: Any, send: Send) -> None:
    """The process can save, or why not. Redis is not asked; saves do without it."""
    reasons = await readiness.reasons()
    if reasons:
        body = {"status": "not ready", "version": __version__, "reasons": reasons}
        await _answer(scope, send, 503, body)
    else:
        await _answer(scope, send, 200, {"status": "ready", "version": __version__})


async def _answer(scope: Any, send: Send, status: int, body: object) -> None:
    answer = Answer.of(status, body)._replace(headers=(JSON, NOT_KEPT))
    await answer.send(send, bodiless=scope["method"] == "HEAD")


class Reason(NamedTuple):
    text: str
    cause: str = ""
    """For the log alone: it may name hosts and users."""


def examine(saves_failed: bool) -> Reason | None:
    """Why the database does not serve, if so."""
    try:
        check_file()
        # First, because SQLite cannot even be opened on a disk that is only read.
        if text := obstacle():
            return Reason(text)
        if missing := missing_migrations():
            return Reason(f"{UNPREPARED}: {', '.join(missing)}")
        # Whether the next save would fail, too. Otherwise it is not worth the writing.
        return _try_writing() if saves_failed else None
    except Error as error:
        return Reason(NO_DATABASE, reason_of(error))
    finally:
        connection.close()


def _try_writing() -> Reason | None:
    try:
        try_writing()
    except Error as error:
        return Reason(FAILING, reason_of(error))
    return None


class Readiness:
    """One look at the database at a time, in a thread of its own, for all who ask meanwhile."""

    def __init__(self) -> None:
        known_migrations()  # Now, while what is on disk is what runs.
        self.thread = ThreadPoolExecutor(1, "probe")
        self.looking: asyncio.Future[Reason | None] | None = None
        self.told: list[str] = []

    async def reasons(self) -> list[str]:
        """Why this process is not ready; none if it is."""
        queues = database.batch_queues()
        found = [await self.ask_database(saves_failed=any(queue.failed for queue in queues))]
        if any(queue.waited > UNANSWERED_SECONDS for queue in queues):
            found.append(Reason(LATE))
        reasons = [reason for reason in found if reason is not None]
        self.tell(reasons)
        return [reason.text for reason in reasons]

    async def ask_database(self, *, saves_failed: bool) -> Reason | None:
        if self.looking is None or self.looking.done():
            loop = asyncio.get_running_loop()
            self.looking = loop.run_in_executor(self.thread, examine, saves_failed)
        try:
            return await asyncio.wait_for(asyncio.shield(self.looking), DATABASE_SECONDS)
        except TimeoutError:
            return Reason(NO_DATABASE, f"not within {DATABASE_SECONDS} seconds")

    def tell(self, reasons: Sequence[Reason]) -> None:
        """In the log, once: probes come every few seconds."""
        texts = [reason.text for reason in reasons]
        if texts and texts != self.told:
            causes = [f" ({reason.cause})" if reason.cause else "" for reason in reasons]
            logger.warning("not ready: %s", "; ".join(map(add, texts, causes)))
        elif self.told and not texts:
            logger.warning("ready again")
        self.told = texts


readiness = Readiness()
