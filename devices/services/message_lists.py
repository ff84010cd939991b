"""Lists of stored commands and notifications (protocol, 5.5.4, 5.6.3 and 7.4)."""

from collections.abc import Collection
from datetime import datetime
from typing import TypeVar

from django.db.models import F, Model, QuerySet, Value
from django.db.models.functions import Coalesce

from devicehive.orm.compiled import many

COMMANDS_SORTED_BY = ("timestamp", "status", "command")
NOTIFICATIONS_SORTED_BY = ("timestamp", "notification")

M = TypeVar("M", bound=Model)


def narrow(
    messages: QuerySet[M],
    name: str,
    *,
    names: Collection[str] | str | None,
    start: datetime | None,
    end: datetime | None,
) -> QuerySet[M]:
    """Keep those with one of `names` in the column `name`, between two moments, both included."""
    if names is not None:
        wanted = {names} if isinstance(names, str) else set(names)
        messages = messages.filter(**{f"{name}__among": many(wanted)})
    if start is not None:
        messages = messages.filter(timestamp__gte=start)
    if end is not None:
        messages = messages.filter(timestamp__lte=end)
    return messages


def sort_descending_unless_told(
    messages: QuerySet[M], columns: Collection[str], *, field: str | None, order: str | None
) -> QuerySet[M]:
    """Sort by `field`, if it is one of `columns`: downwards, unless `order` says anything but
    DESC. Else by time, upwards, so that the last is the newest."""
    column = (field or "").lower()
    if column not in columns:
        return messages.order_by("timestamp", "id")
    if order is None or order.upper() == "DESC":
        return messages.order_by(_key(column).desc(), "-id")
    return messages.order_by(_key(column).asc(), "id")


def _key(column: str) -> F | Coalesce:
    """A command without a status sorts as if it were empty (1.10)."""
    return Coalesce(column, Value("")) if column == "status" else F(column)
