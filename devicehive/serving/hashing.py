"""Hashes passwords in a few threads, with a bounded and fair queue (ADR 26).

A hash takes some 25 ms of a core, and anybody can request one. So each client that waits gets its
turn, however many hashes others request, and a request is refused at once if too many wait.
"""

import math
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, NamedTuple, TypeVar

from django.conf import settings

from devicehive.metrics import LOG_INS
from devicehive.protocol.refusals import LaterRefusal

T = TypeVar("T")

MOST_WAITING = 256
"""The length of the queue: some ten seconds of work for one thread."""
MOST_WAITING_OF_ORIGIN = 64
"""The limit for one origin, so that none fills the queue alone."""
SLOW_HASH_SECONDS = 0.1
"""The longest time of a hash on a busy machine, from which Retry-After is computed."""
NICENESS = 10
"""The niceness of the threads that hash, on systems where each thread has its own. On the same core
they get a tenth of the CPU time of the event loop."""


class Turn(NamedTuple):
    """Who requests a hash. Origins take turns, and in each turn of an origin its logins do. Hashes
    for the same login are computed one after the other."""

    origin: str
    login: str


class Work(NamedTuple, Generic[T]):
    """A function that hashes, with the future of its result."""

    turn: Turn
    function: Callable[[], T]
    has_left: Callable[[], bool]
    future: "Future[T]"

    @property
    def is_vain(self) -> bool:
        """Whether nobody waits for the result any more."""
        return self.future.cancelled() or self.has_left()

    def do(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.function()
        except BaseException as error:  # The future raises it, as with executors.
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class HashQueue:
    """The queue and its threads. All methods may be called in any thread."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._executor = ThreadPoolExecutor(threads, "passwords", initializer=_give_way)
        self._lock = threading.Lock()
        self._waiting: dict[str, dict[str, deque[Work[Any]]]] = {}
        """By origin and login, both in the order of their next turns."""
        self._busy: set[Turn] = set()

    def submit(
        self, turn: Turn, function: Callable[[], T], *, has_left: Callable[[], bool]
    ) -> "Future[T]":
        """Have a function called in its turn, unless its client may have left and others wait.
        Raises Refused if too many wait.
        """
        work = Work(turn, function, has_left, Future[T]())
        with self._lock:
            if self._is_full(turn.origin):
                self._drop_vain()
            if self._is_full(turn.origin):
                seconds = self._count() * SLOW_HASH_SECONDS / self.threads
                raise LaterRefusal.TOO_MANY_ATTEMPTS.after(max(1, math.ceil(seconds)))
            logins = self._waiting.setdefault(turn.origin, {})
            logins.setdefault(turn.login, deque()).append(work)
        self._executor.submit(self._work)
        return work.future

    def count_waiting(self) -> int:
        with self._lock:
            return self._count()

    def _work(self) -> None:
        """Do all work that can be done, including work that had to wait because another thread was
        busy with the same login."""
        while (work := self._take()) is not None:
            try:
                if work.is_vain and self.count_waiting():
                    work.future.cancel()
                work.do()
            finally:
                with self._lock:
                    self._busy.discard(work.turn)

    def _take(self) -> Work[Any] | None:
        with self._lock:
            for origin, logins in self._waiting.items():
                for login, works in logins.items():
                    if (origin, login) not in self._busy:
                        work = works.popleft()
                        self._busy.add(work.turn)
                        self._go_round(origin, login)
                        return work
        return None

    def _go_round(self, origin: str, login: str) -> None:
        """Put an origin and a login that had a turn behind the others."""
        logins = self._waiting.pop(origin)
        works = logins.pop(login)
        if works:
            logins[login] = works
        if logins:
            self._waiting[origin] = logins

    def _is_full(self, origin: str) -> bool:
        of_origin = sum(map(len, self._waiting.get(origin, {}).values()))
        return of_origin >= MOST_WAITING_OF_ORIGIN or self._count() >= MOST_WAITING

    def _count(self) -> int:
        return sum(len(works) for logins in self._waiting.values() for works in logins.values())

    def _drop_vain(self) -> None:
        for origin, logins in list(self._waiting.items()):
            for login, works in list(logins.items()):
                logins[login] = deque(work for work in works if not work.is_vain)
                if not logins[login]:
                    del logins[login]
            if not logins:
                del self._waiting[origin]


def _give_way() -> None:
    if sys.platform == "linux":  # On other systems this would slow down the whole process.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def threads_of_process() -> int:
    """The number of threads of this process: those of all processes together are one fewer than
    there are cores."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, (cores - 1) // settings.PROCESSES)


hashing = HashQueue(threads_of_process())
LOG_INS.sources[()] = hashing.count_waiting
