"""Executes many requests in one transaction, with a result for each."""

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
"""After so many failed tries in a row all remaining requests count as locked, as when a migration
changes a table. It is more than 10, the number of halvings that find one row among 1,000."""

Done = tuple[list[T | Refused], Sequence[Statement | None]]
"""The results of requests, and the statements to execute last, together with the commit."""
Write = Callable[[Sequence[R]], Done[T]]
"""Executes requests, except the statements that it returns."""


class Locked(Refused):
    """The refusal of a request that needs a row that another transaction has locked."""

    def __init__(self) -> None:
        reason = LaterRefusal.UNAVAILABLE
        super().__init__(reason.code, reason.text, refusal=reason)


def commit_together(write: Write[R, T], requests: Sequence[R]) -> list[T | Refused]:
    """Execute the requests by `write` in one transaction, as if one after the other.

    The result of a refused request is its Refused, and of one that waited too long for a lock it is
    Locked; neither affects other requests. When this returns, all others are committed. `write` may
    return fewer results than requests: then the last requests are left for another transaction.
    Raises DatabaseError if the database is away.
    """
    try:
        return _do(write, requests)
    except DatabaseError as error:
        if is_locked(error):
            return _Bisection(write, requests).results()
        if _fails_all(error):
            raise
        let_go(error)
    # Another process has created one of these rows, or deleted a row that one refers to, since they
    # were looked up. Executed alone, each request looks again, and does not fail with the others.
    return [_alone(write, request) for request in requests]


class _Bisection(Generic[R, T]):
    """Executes requests of which some need a locked row, in parts, to find those and commit the
    rest.

    All requests of a device are in the same part. Once one of them was locked, the others are not
    tried again, because they must not overtake it.
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
        """Try each half of the devices. A locked row among 500 is found with some 18 tries."""
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
            # Requests that `write` has left over are tried again, like locked ones.
            self.done.update(zip(part, results, strict=False))


def _do(
    write: Write[R, T], requests: Sequence[R], *, before: Callable[[], object] = lambda: None
) -> list[T | Refused]:
    """Execute requests in one transaction, whose commit is sent with its last statements."""
    with transaction.atomic():
        before()
        results, last = write(requests)
        # Inside an outer transaction, which goes on, these are not the last statements.
        (execute if connection.savepoint_ids else execute_last)(*last)
    return results


def _fails_all(error: DatabaseError) -> bool:
    """Whether each request would also fail alone."""
    return is_full(error) or is_away(error) or not connection.is_usable()


def judge_each(make: Callable[[R], T], requests: Sequence[R]) -> list[T | Refused]:
    """The result of `make` for each request, or its Refused."""
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
        # The client is told only that there is a conflict; this line says which. It leaves out
        # PostgreSQL's details, which may have the whole row.
        cause = str(error).partition("Failing row contains")[0]
        logger.warning("a request was refused with 409: %s", " ".join(cause.split()))
        let_go(error)
        return ProtocolRefusal.CONFLICT()
    except DatabaseError as error:
        let_go(error)
        return Locked() if is_locked(error) else refuse_failure(error)
    return result
