"""What all lists share (protocol, 7.3 and 7.4)."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from devicehive.errors import ProtocolError
from devices.members import DEFAULT_TAKE

M = TypeVar("M", bound=Model)

LIST_ERRORS = (ProtocolError.UNPARSEABLE_SORT_ORDER, ProtocolError.INVALID_PARAMETERS)


def descending(sort_order: str | None) -> bool:
    """Raises Refused for anything but ASC, DESC, in any case, or nothing."""
    if sort_order is None or sort_order.upper() == "ASC":
        return False
    if sort_order.upper() == "DESC":
        return True
    raise ProtocolError.UNPARSEABLE_SORT_ORDER(sort_order)


def page(rows: QuerySet[M], *, take: int | None, skip: int | None) -> QuerySet[M]:
    """Raises Refused for negative numbers."""
    start = skip or 0
    length = DEFAULT_TAKE if take is None else take
    if start < 0 or length < 0:
        raise ProtocolError.INVALID_PARAMETERS()
    return rows[start : start + length]
