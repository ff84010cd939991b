"""Lists of stored commands and notifications (protocol, 5.5.4, 5.6.3 and 7.4)."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple, TypeVar

from django.db.models import F, Model, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from devicehive.orm.filtered import Filtered
from devices.models import Device


class MessageKind(NamedTuple):
    name_column: str
    sorted_by: tuple[str, ...]
    """The columns that a list may be sorted by."""


COMMAND_LISTS = MessageKind("command", ("timestamp", "status", "command"))
NOTIFICATION_LISTS = MessageKind("notification", ("timestamp", "notification"))

M = TypeVar("M", bound=Model)


def of_stored_devices(
    messages: QuerySet[M], devices: QuerySet[Device] | None = None
) -> QuerySet[M]:
    """Leave out messages of deleted devices, which are not shown any more (R-32), even if another
    device has the id now; and messages of devices that are not among `devices`.

    Not EXISTS, which PostgreSQL may turn into a join that reads all devices.
    """
    among = Device.objects.all() if devices is None else devices
    return messages.filter(
        generation=Subquery(among.filter(id=OuterRef("device_id")).values("generation"))
    )


def narrow(
    messages: Filtered[M],
    kind: MessageKind,
    *,
    names: Collection[str] | str | None,
    start: datetime | None,
    end: datetime | None,
) -> Filtered[M]:
    """Keep messages with one of the names, between two moments, both included."""
    if names is not None:
        wanted = {names} if isinstance(names, str) else set(names)
        messages = messages.filter(**{f"{kind.name_column}__among": wanted})
    if start is not None:
        messages = messages.filter(timestamp__gte=start)
    if end is not None:
        messages = messages.filter(timestamp__lte=end)
    return messages


def sort_descending_unless_told(
    messages: Filtered[M], kind: MessageKind, *, field: str | None, order: str | None
) -> Filtered[M]:
    """Sort by `field`, if this kind can be sorted by it: descending, unless `order` is something
    other than DESC. Otherwise sort by time, ascending, so that the newest is last."""
    column = (field or "").lower()
    if column not in kind.sorted_by:
        return messages.order_by("timestamp", "id")
    if order is None or order.upper() == "DESC":
        return messages.order_by(_key(column).desc(), "-id")
    return messages.order_by(_key(column).asc(), "id")


def _key(column: str) -> F | Coalesce:
    """A command without a status sorts as if it were empty (1.10)."""
    return Coalesce(column, Value("")) if column == "status" else F(column)
