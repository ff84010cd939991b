"""Whether the database does anything at all: a busy one is waited for, a frozen one is not."""

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
"""Of SAVE_SECONDS, for the database to answer a question that takes no work. Both together are less
than three seconds, unless it is set otherwise."""
REVIVAL_SECONDS = 0.3

THREAD = ThreadPoolExecutor(1, "pulse")

GiveUp = Callable[[], object]


class Pulse:
    """Felt while somebody has waited for SAVE_SECONDS. If there is none, all who wait are told to
    give up. Belongs to an event loop."""

    def __init__(self) -> None:
        self.is_still = False
        self._waiting: dict[GiveUp, float] = {}
        """Since when, the oldest first."""
        self._timer: asyncio.TimerHandle | None = None

    def check(self) -> None:
        """Raises Refused while the database does nothing: nobody need wait for it."""
        if self.is_still:
            raise LaterRefusal.UNAVAILABLE()

    @contextmanager
    def waiting(self, give_up: GiveUp) -> Iterator[None]:
        """Have `give_up` called if the database is found still meanwhile."""
        self._waiting[give_up] = monotonic()
        if self._timer is None:
            self._look_in(settings.SAVE_SECONDS)
        try:
            yield
        finally:
            self._waiting.pop(give_up, None)

    def _look_in(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._waiting:
            left = next(iter(self._waiting.values())) + settings.SAVE_SECONDS - monotonic()
            if left > 0:
                self._look_in(left)
            else:
                self._feel()

    def _feel(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(PULSE_SHARE * settings.SAVE_SECONDS, self._stop_waiting)
        loop.run_in_executor(THREAD, _ask_nothing).add_done_callback(self._felt)

    def _stop_waiting(self) -> None:
        self.is_still = True
        given_up, self._waiting = self._waiting, {}
        for give_up in given_up:
            give_up()
        if given_up:
            note_silence(len(given_up), (1 + PULSE_SHARE) * settings.SAVE_SECONDS)

    def _felt(self, answer: "asyncio.Future[None]") -> None:
        """An error is for those who wait to find themselves, unless they have been told already."""
        assert self._timer is not None
        self._timer.cancel()
        if answer.exception() is None:
            self.is_still = False
            self._look_in(settings.SAVE_SECONDS)
        elif self.is_still:
            self._timer = asyncio.get_running_loop().call_later(REVIVAL_SECONDS, self._feel)
        else:
            self._look_in(settings.SAVE_SECONDS)


def _ask_nothing() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


_pulses: WeakKeyDictionary[asyncio.AbstractEventLoop, Pulse] = WeakKeyDictionary()


def pulse() -> Pulse:
    """The pulse of the database as the running event loop knows it."""
    return _pulses.setdefault(asyncio.get_running_loop(), Pulse())
