"""Many requests in one transaction, each with its own result."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import DatabaseError, IntegrityError, connection, transaction

from devicehive.orm.failures import is_away, is_full, is_locked
from devicehive.protocol.failures import refuse_failure
from devicehive.protocol.refusals import ProtocolRefusal, Refused

logger = logging.getLogger(__name__)

R = TypeVar("R")
T = TypeVar("T")

Write = Callable[[Sequence[R]], list[T | Refused]]


def commit_together(write: Write[R, T], requests: Sequence[R]) -> list[T | Refused]:
    """Let `write` do the requests in one transaction, as if one after the other.

    A refused one is its own result and leaves the rest alone. When this returns, all others
    are committed. Raises DatabaseError when the database is away.
    """
    try:
        with transaction.atomic():
            return write(requests)
    except DatabaseError as error:
        # Each alone would fail as well, unless only a few of them cannot go on.
        if (
            is_full(error)
            or (is_away(error) and not is_locked(error))
            or not connection.is_usable()
        ):
            raise
    # Another process created one of these rows, or deleted what one refers to, after we had
    # looked. Alone, each is judged by what is there now, and the others do not fail with it.
    return [_alone(write, request) for request in requests]


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
        with transaction.atomic():
            (result,) = write([request])
    except IntegrityError as error:
        # The client learns no more than that there is a conflict; which, only this line tells.
        # What PostgreSQL says in detail may be all that was to be stored.
        cause = str(error).partition("Failing row contains")[0]
        logger.warning("a request was refused with 409: %s", " ".join(cause.split()))
        return ProtocolRefusal.CONFLICT()
    except DatabaseError as error:
        return refuse_failure(error)
    return result
