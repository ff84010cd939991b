"""The probes `/livez` and `/readyz`, for load balancers and orchestrators.

They do not go through Django: probes use any Host, and a server is alive even if all of Django's
threads are busy.
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
"""How long the database may take to answer: longer than a busy machine needs, and longer than
DATABASE_CONNECT_SECONDS, after which the cause is known. To a probe with a shorter timeout, the
server does not look ready either."""
UNANSWERED_SECONDS = 10
"""How long DeviceHive's clients wait for the answer to a save."""
UNPREPARED = "the database lacks migrations"
NO_DATABASE = "the database does not answer"
FAILING = "saves fail"
LATE = f"requests wait for more than {UNANSWERED_SECONDS} seconds"
NOT_KEPT = (b"cache-control", b"no-store")


async def livez(scope: Any, receive: Any, send: Send) -> None:
    """Answer 200: the process and its event loop run. Nothing else is checked, because a restart
    would not mend it."""
    await _answer(scope, send, 200, {"status": "alive"})


async def readyz(scope: Any, receive: Any, send: Send) -> None:
    """Answer 200 if the process can save, otherwise 503 with the reasons. Redis is not checked,
    because saves do not need it."""
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
    """For the log only, because it may name hosts and users."""


def examine(saves_failed: bool) -> Reason | None:
    """The reason why the database cannot be used; None if there is none."""
    try:
        check_file()
        # First, because SQLite cannot even be opened on a read-only disk.
        if text := obstacle():
            return Reason(text)
        if missing := missing_migrations():
            return Reason(f"{UNPREPARED}: {', '.join(missing)}")
        # If saves have failed, check whether the next would, too. Otherwise save the cost of that.
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
    """Examines the database in a thread of its own. Probes that come meanwhile share the result."""

    def __init__(self) -> None:
        known_migrations()  # Cached now, while the files on disk are those of the running code.
        self.thread = ThreadPoolExecutor(1, "probe")
        self.looking: asyncio.Future[Reason | None] | None = None
        self.told: list[str] = []

    async def reasons(self) -> list[str]:
        """The reasons why this process is not ready; an empty list if it is."""
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
        """Log the reasons when they change, because probes come every few seconds."""
        texts = [reason.text for reason in reasons]
        if texts and texts != self.told:
            causes = [f" ({reason.cause})" if reason.cause else "" for reason in reasons]
            logger.warning("not ready: %s", "; ".join(map(add, texts, causes)))
        elif self.told and not texts:
            logger.warning("ready again")
        self.told = texts


readiness = Readiness()
