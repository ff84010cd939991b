"""Many requests in one transaction, each with its own result."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

from django.db import DatabaseError, IntegrityError, connection, transaction

from devicehive.orm.compiled import execute, execute_last
from devicehive.orm.connections import let_go, wait_shortly
from devicehive.orm.dialects import Statement
from devicehive.orm.failures import is_away, is_full, is_locked
from devicehive.protocol.failures import refuse_failure
from devicehive.protocol.refusals import LaterRefusal, ProtocolRefusal, Refused

logger = logging.getLogger(__name__)

R = TypeVar("R")
T = TypeVar("T")

MOST_FAILURES = 12
"""Tries in a row that find something locked, before all the rest is taken for locked: as for a
table that a migration changes. More than 10, by which one row among 1,000 is found."""

Done = tuple[list[T | Refused], Sequence[Statement | None]]
"""The results of requests, and what is to be executed last, together with the commit."""
Write = Callable[[Sequence[R]], Done[T]]


class Locked(Refused):
    """A request that needs what somebody else has locked just now."""

    def __init__(self) -> None:
        reason = LaterRefusal.UNAVAILABLE
        super().__init__(reason.code, reason.text, refusal=reason)


def commit_together(write: Write[R, T], requests: Sequence[R]) -> list[T | Refused]:
    """Let `write` do the requests in one transaction, as if one after the other. It does all but
    what it returns to be executed last.

    A refused one is its own result and leaves the rest alone; so is one that needs what somebody
    else has locked for too long: Locked. When this returns, all others are committed; but for the
    last, if `write` leaves them for another transaction, by returning fewer results. Raises
    DatabaseError when the database is away.
    """
    try:
        return _do(write, requests)
    except DatabaseError as error:
        if is_locked(error):
            return _Apart(write, requests).results()
        if _fails_all(error):
            raise
        let_go(error)
    # Another process created one of these rows, or deleted what one refers to, after we had
    # looked. Alone, each is judged by what is there now, and the others do not fail with it.
    return [_alone(write, request) for request in requests]


class _Apart(Generic[R, T]):
    """Requests of which some need what is locked: the others are done, in parts without them.

    All those of a device are of one part, and those of a device of which one was locked are not
    tried any more: they must not overtake it.
    """

    def __init__(self, write: Write[R, T], requests: Sequence[R]) -> None:
        self.write = write
        self.requests = requests
        self.done: dict[int, T | Refused] = {}
        self.failures = 0

    def results(self) -> list[T | Refused]:
        positions: dict[str, list[int]] = {}
        for position, request in enumerate(self.requests):
            positions.setdefault(cast(Any, request).device_id, []).append(position)
        self.halve(list(positions.values()))
        return [self.done.get(position, Locked()) for position in range(len(self.requests))]

    def halve(self, devices: list[list[int]]) -> None:
        """By halves, a locked row among 500 is found with some 18 tries."""
        if len(devices) > 1:
            self.attempt(devices[: len(devices) // 2])
            self.attempt(devices[len(devices) // 2 :])

    def attempt(self, devices: list[list[int]]) -> None:
        if self.failures >= MOST_FAILURES:
            return
        part = [position for positions in devices for position in positions]
        try:
            tried = [self.requests[position] for position in part]
            results = _do(self.write, tried, before=wait_shortly)
        except DatabaseError as error:
            if is_locked(error):
                self.failures += 1
                self.halve(devices)
            elif _fails_all(error):
                raise
            else:
                results = [_alone(self.write, self.requests[position]) for position in part]
                self.done.update(zip(part, results, strict=True))
        else:
            self.failures = 0
            # What `write` has left is tried again, as what is locked.
            self.done.update(zip(part, results, strict=False))


def _do(
    write: Write[R, T], requests: Sequence[R], *, before: Callable[[], object] = lambda: None
) -> list[T | Refused]:
    """In one transaction, whose commit goes with its last statements."""
    with transaction.atomic():
        before()
        results, last = write(requests)
        # Inside somebody else's transaction, who goes on with it, nothing is the last.
        (execute if connection.savepoint_ids else execute_last)(*last)
    return results


def _fails_all(error: DatabaseError) -> bool:
    """Whether each request alone would fail as well."""
    return is_full(error) or is_away(error) or not connection.is_usable()


def judge_each(make: Callable[[R], T], requests: Sequence[R]) -> list[T | Refused]:
    """What `make` makes of each request, or its refusal."""
    results: list[T | Refused] = []
    for request in requests:
        try:
            results.append(make(request))
        except Refused as refused:
            results.append(refused)
    return results


def _alone(write: Write[R, T], request: R) -> T | Refused:
    try:
        (result,) = _do(write, [request])
    except IntegrityError as error:
        # The client learns no more than that there is a conflict; which, only this line tells.
        # What PostgreSQL says in detail may be all that was to be stored.
        cause = str(error).partition("Failing row contains")[0]
        logger.warning("a request was refused with 409: %s", " ".join(cause.split()))
        let_go(error)
        return ProtocolRefusal.CONFLICT()
    except DatabaseError as error:
        let_go(error)
        return Locked() if is_locked(error) else refuse_failure(error)
    return result
