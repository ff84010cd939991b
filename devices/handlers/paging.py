"""What all lists share: their errors, and pages (protocol, 7.3)."""

from typing import Annotated, Any, Protocol, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from msgspec import Meta

from devicehive.orm.filtered import Filtered
from devicehive.protocol.bodies import Needed, Params
from devicehive.protocol.refusals import ProtocolRefusal
from devicehive.protocol.shapes import Int, Str, Timestamp
from devices.refusals import DeviceRefusal
from devices.schemas.limits import DEFAULT_TAKE, MessageNames, Skip, SortOrder
from devices.services.message_lists import (
    MessageKind,
    narrow,
    sort_descending_unless_told,
)
from devices.services.sorting import Columns, sort_ascending_unless_told

M = TypeVar("M", bound=Model)
R = TypeVar("R", QuerySet[Any], Filtered[Any])

LIST_ERRORS = (ProtocolRefusal.UNPARSEABLE_SORT_ORDER, ProtocolRefusal.INVALID_PARAMETERS)


class MessageListing(Params):
    """What `command/list` and `notification/list` share (5.5.4, 5.6.3)."""

    device_id: Needed[Str, DeviceRefusal.ID_REQUIRED]
    start: Timestamp | None = None
    end: Timestamp | None = None
    names: MessageNames | None = None
    sort_field: Str | None = None
    sort_order: SortOrder | None = None
    take: Annotated[Int, Meta(extra_json_schema={"default": settings.MESSAGE_LIST_TAKE})] | None = (
        None
    )
    skip: Skip | None = None


class RegistryListing(Protocol):
    """What the lists of devices, networks, types and users share."""

    sort_field: str | None
    sort_order: str | None
    take: int | None
    skip: int | None


def page(rows: R, columns: Columns, params: RegistryListing) -> R:
    """The requested page of the rows, sorted by one of the columns. Raises Refused."""
    rows = sort_ascending_unless_told(
        rows, columns, field=params.sort_field, order=params.sort_order
    )
    return cut(rows, take=DEFAULT_TAKE if params.take is None else params.take, skip=params.skip)


def message_page(
    rows: Filtered[M], kind: MessageKind, params: MessageListing, *, name: str | None
) -> Filtered[M]:
    """The requested page of the messages: those with one of the `names`, or else with `name`;
    sorted, and at most `take` (R-20). Raises Refused."""
    rows = narrow(rows, kind, names=params.names or name, start=params.start, end=params.end)
    rows = sort_descending_unless_told(rows, kind, field=params.sort_field, order=params.sort_order)
    take = settings.MESSAGE_LIST_TAKE if params.take is None else params.take
    return cut(rows, take=take, skip=params.skip)


def cut(rows: R, *, take: int, skip: int | None) -> R:
    """At most `take` rows after the first `skip`. Raises Refused for negative numbers."""
    start = skip or 0
    if start < 0 or take < 0:
        raise ProtocolRefusal.INVALID_PARAMETERS()
    return rows[start : start + take]
