"""Sort lists of devices, networks, types and users (protocol, 7.4)."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import QuerySet

from devicehive.orm.filtered import Filtered
from devicehive.protocol.refusals import ProtocolRefusal

R = TypeVar("R", QuerySet[Any], Filtered[Any])

Columns = Mapping[str, tuple[str, ...]]
"""The fields that a list may be sorted by, in lower case, and the columns of each."""


def sort_ascending_unless_told(
    rows: R, columns: Columns, *, field: str | None, order: str | None
) -> R:
    """Sort by `field`, ascending unless `order` is DESC; without a field, ascending by id.

    Raises Refused; an unknown field is refused before an unknown order.
    """
    by = ("id",) if field is None else columns.get(field.lower())
    if by is None:
        raise ProtocolRefusal.INVALID_PARAMETERS()
    downwards = _is_descending(order) and field is not None
    return rows.order_by(*(f"-{column}" if downwards else column for column in by))


def _is_descending(order: str | None) -> bool:
    if order is None or order.upper() == "ASC":
        return False
    if order.upper() == "DESC":
        return True
    raise ProtocolRefusal.UNPARSEABLE_SORT_ORDER(order)
