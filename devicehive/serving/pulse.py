"""Detects a database that does nothing: a busy one is waited for, a frozen one is not."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection

from devicehive.orm.failures import note_silence
from devicehive.protocol.refusals import LaterRefusal

PULSE_SHARE = 0.4
"""How long `SELECT 1` may take, as a share of SAVE_SECONDS. By default both together are less than
three seconds."""
REVIVAL_SECONDS = 0.3
"""The time between two queries while the database does nothing."""

THREAD = ThreadPoolExecutor(1, "pulse")

GiveUp = Callable[[], object]


class Pulse:
    """Queries the database when a request has waited for SAVE_SECONDS. If there is no answer, all
    waiting requests are told to give up. An instance belongs to one event loop."""

    def __init__(self) -> None:
        self.is_still = False
        """Whether the database does nothing."""
        self._waiting: dict[GiveUp, float] = {}
        """When each request began to wait, the oldest first."""
        self._timer: asyncio.TimerHandle | None = None

    def check(self) -> None:
        """Raise Refused while the database does nothing, instead of waiting for it."""
        if self.is_still:
            raise LaterRefusal.UNAVAILABLE()

    @contextmanager
    def waiting(self, give_up: GiveUp) -> Iterator[None]:
        """A context manager: `give_up` is called if the database is found to do nothing
        meanwhile."""
        self._waiting[give_up] = monotonic()
        if self._timer is None:
            self._check_after(settings.SAVE_SECONDS)
        try:
            yield
        finally:
            self._waiting.pop(give_up, None)

    def _check_after(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._check_waiting)

    def _check_waiting(self) -> None:
        self._timer = None
        if self._waiting:
            left = next(iter(self._waiting.values())) + settings.SAVE_SECONDS - monotonic()
            if left > 0:
                self._check_after(left)
            else:
                self._query()

    def _query(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(PULSE_SHARE * settings.SAVE_SECONDS, self._give_up_all)
        loop.run_in_executor(THREAD, _select_one).add_done_callback(self._on_answer)

    def _give_up_all(self) -> None:
        self.is_still = True
        given_up, self._waiting = self._waiting, {}
        for give_up in given_up:
            give_up()
        if given_up:
            note_silence(len(given_up), (1 + PULSE_SHARE) * settings.SAVE_SECONDS)

    def _on_answer(self, answer: "asyncio.Future[None]") -> None:
        """Handle the answer. After an error the pulse does not refuse requests: their own queries
        will fail. If they were refused already, query again."""
        assert self._timer is not None
        self._timer.cancel()
        if answer.exception() is None:
            self.is_still = False
            self._check_after(settings.SAVE_SECONDS)
        elif self.is_still:
            self._timer = asyncio.get_running_loop().call_later(REVIVAL_SECONDS, self._query)
        else:
            self._check_after(settings.SAVE_SECONDS)


def _select_one() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


_pulses: WeakKeyDictionary[asyncio.AbstractEventLoop, Pulse] = WeakKeyDictionary()


def pulse() -> Pulse:
    """The pulse of the running event loop."""
    return _pulses.setdefault(asyncio.get_running_loop(), Pulse())
