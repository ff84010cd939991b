"""Many requests in one transaction, each with its own result."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import DatabaseError, IntegrityError, transaction

from devicehive.errors import Refused
from devices.errors import DeviceError

R = TypeVar("R")
T = TypeVar("T")

Write = Callable[[Sequence[R]], list[T | Refused]]


def committed(write: Write[R, T], requests: Sequence[R]) -> list[T | Refused]:
    """Let `write` do the requests in one transaction, as if one after the other.

    A refused one is its own result and leaves the rest alone. When this returns, all others
    are committed.
    """
    try:
        with transaction.atomic():
            return write(requests)
    except DatabaseError as error:
        if len(requests) > 1:
            # Another process created one of these rows, or deleted what one refers to, after we
            # had looked. Alone, each is judged by what is there now, and at most one can fail.
            return [result for each in requests for result in committed(write, [each])]
        if not isinstance(error, IntegrityError):
            raise
    try:
        with transaction.atomic():
            return write(requests)
    except IntegrityError:
        return [DeviceError.CONFLICT()]
