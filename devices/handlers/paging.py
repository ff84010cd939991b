"""What all lists share: their errors, and pages (protocol, 7.3)."""

from typing import TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet

from devicehive.protocol.refusals import ProtocolRefusal
from devicehive.protocol.shapes import Int, Needed, Params, Str, Timestamp
from devices.schemas.limits import DEFAULT_TAKE, Skip, SortOrder

M = TypeVar("M", bound=Model)

LIST_ERRORS = (ProtocolRefusal.UNPARSEABLE_SORT_ORDER, ProtocolRefusal.INVALID_PARAMETERS)


class MessageListing(Params):
    """What `command/list` and `notification/list` share (5.5.4, 5.6.3)."""

    device_id: Needed[Str] = None
    start: Timestamp | None = None
    end: Timestamp | None = None
    names: set[Str] | None = None
    sort_order: SortOrder | None = None
    take: Int | None = None
    skip: Skip | None = None


def message_page(rows: QuerySet[M], params: MessageListing) -> QuerySet[M]:
    """As `page`, with a default of its own (R-20)."""
    take = settings.MESSAGE_LIST_TAKE if params.take is None else params.take
    return page(rows, take=take, skip=params.skip)


def page(rows: QuerySet[M], *, take: int | None, skip: int | None) -> QuerySet[M]:
    """Raises Refused for negative numbers."""
    start = skip or 0
    length = DEFAULT_TAKE if take is None else take
    if start < 0 or length < 0:
        raise ProtocolRefusal.INVALID_PARAMETERS()
    return rows[start : start + length]
