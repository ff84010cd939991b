"""Answers with long lists: they are built item by item and refused as soon as they are too large
(R-47), so that no request can make the server hold gigabytes."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

import msgspec
from django.conf import settings
from django.db.models import QuerySet

from devicehive.orm.filtered import AT_ONCE
from devicehive.protocol.refusals import ProtocolRefusal, Refusal

T = TypeVar("T")

_encode = msgspec.json.Encoder().encode


def few_at_a_time(rows: QuerySet[Any, T]) -> Iterable[T]:
    """The rows of a query: read at once if it is limited to AT_ONCE rows or fewer, otherwise
    AT_ONCE at a time."""
    most = rows.query.high_mark
    if most is not None and most - rows.query.low_mark <= AT_ONCE:
        return rows
    return rows.iterator(chunk_size=AT_ONCE)


def collect(
    items: Iterable[T],
    length: Callable[[T], int],
    *,
    refusal: Refusal = ProtocolRefusal.ANSWER_TOO_LARGE,
) -> list[T]:
    """The items as a list, if together they have at most MAX_ANSWER_BYTES. Raises Refused at the
    first item beyond that, and reads no further."""
    left, collected = settings.MAX_ANSWER_BYTES, []
    for item in items:
        left -= length(item) + 1  # One byte for the comma.
        if left < 0:
            raise refusal()
        collected.append(item)
    return collected


def encode(items: Iterable[T], *, refusal: Refusal = ProtocolRefusal.ANSWER_TOO_LARGE) -> list[T]:
    """The items, each encoded as JSON, if together they have at most MAX_ANSWER_BYTES. Raises
    Refused."""
    pieces = collect((_encode(item) for item in items), len, refusal=refusal)
    # The type is a small lie: encoded pieces are typed as the items that they were made from,
    # because both give the same answer.
    return cast(list[T], list(map(msgspec.Raw, pieces)))
