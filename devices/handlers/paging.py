"""What all lists share: their errors, and pages (protocol, 7.3)."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from devicehive.errors import ProtocolError
from devices.members import DEFAULT_TAKE

M = TypeVar("M", bound=Model)

LIST_ERRORS = (ProtocolError.UNPARSEABLE_SORT_ORDER, ProtocolError.INVALID_PARAMETERS)


def page(rows: QuerySet[M], *, take: int | None, skip: int | None) -> QuerySet[M]:
    """Raises Refused for negative numbers."""
    start = skip or 0
    length = DEFAULT_TAKE if take is None else take
    if start < 0 or length < 0:
        raise ProtocolError.INVALID_PARAMETERS()
    return rows[start : start + length]
