"""Answers that list many, which are built in pieces and refused as soon as they are too large
(R-47): whoever asks for everything gets no gigabyte of the server's memory."""

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
    """The rows of a query: read at once if they are few, else so many at a time."""
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
    """The items, if together they are no longer than MAX_ANSWER_BYTES. Raises Refused at the first
    that is too much, without taking more."""
    left, collected = settings.MAX_ANSWER_BYTES, []
    for item in items:
        left -= length(item) + 1  # And the comma.
        if left < 0:
            raise refusal()
        collected.append(item)
    return collected


def encode(items: Iterable[T], *, refusal: Refusal = ProtocolRefusal.ANSWER_TOO_LARGE) -> list[T]:
    """The items as JSON, each by itself, within the same bound. Raises Refused."""
    pieces = collect((_encode(item) for item in items), len, refusal=refusal)
    # A text stands for what it was made of: the answer has the same either way.
    return cast(list[T], list(map(msgspec.Raw, pieces)))
