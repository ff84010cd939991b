"""Delete commands and notifications by age (protocol, 4.5), a slice at a time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from devicehive.events.peers import FORGOTTEN
from devicehive.protocol.timestamps import now
from devices.models import AccessChange, Command, Device, Notification, Presence
from devices.models.messages import BY_A_DEVICE, OF_A_SAVE, Message

SLICE_ROWS = 200
"""Rows deleted in one transaction, for which saves may have to wait: a few milliseconds."""

PRESENCE_ROWS = 10_000
"""Presence rows that are checked each time nothing is left to prune. To check 100,000 rows takes
the writer thread 0.1 s, and 1,000,000 rows may take longer than a statement is allowed to."""


def expired(seconds: int | None = None) -> Iterator[QuerySet[Message]]:
    """Messages that were inserted or last updated more than `seconds` ago (MESSAGE_SECONDS by
    default), and notifications of saves older than SAVE_NOTIFICATION_SECONDS. Each queryset has
    the oldest first."""
    age = settings.MESSAGE_SECONDS if seconds is None else seconds
    notifications = Notification._default_manager
    of_saves = notifications.filter(OF_A_SAVE)
    yield _older(of_saves, min(age, settings.SAVE_NOTIFICATION_SECONDS))
    yield _older(notifications.filter(BY_A_DEVICE), age)
    yield _older(Command._default_manager.all(), age)


def _older(messages: QuerySet[Any], seconds: int) -> QuerySet[Message]:
    return messages.filter(stored_at__lt=now() - timedelta(seconds=seconds)).order_by("stored_at")


def count_expired(seconds: int) -> int:
    return sum(messages.count() for messages in expired(seconds))


def prune(seconds: int | None = None) -> int:
    """Delete one slice of expired messages and return its size; 0 if there are none."""
    for messages in expired(seconds):
        deleted = _delete(messages)
        if deleted:
            return deleted
    _forget_access_changes()
    _forget_presence()
    return 0


def _forget_access_changes() -> None:
    """Delete changes of access that no process reads any more (`devicehive.events.peers`)."""
    AccessChange.objects.filter(stored_at__lt=now() - FORGOTTEN).delete()


class _Checked:
    """The progress of this process through the presence rows."""

    last = ""
    """The id of the device whose row was checked last; "" before the first row."""


def _forget_presence() -> None:
    """Delete the presence of devices that no longer exist, among the next PRESENCE_ROWS rows. After
    the last row, the first row is the next."""
    rows = Presence.objects.filter(pk__gt=_Checked.last).order_by("pk")
    last = rows.values_list("pk", flat=True)[PRESENCE_ROWS - 1 : PRESENCE_ROWS].first()
    if last is not None:
        rows = rows.filter(pk__lte=last)
    of_this = Device.objects.filter(pk=OuterRef("pk"), generation=OuterRef("generation"))
    rows.order_by().filter(~Exists(of_this)).delete()
    _Checked.last = last or ""


@transaction.atomic
def _delete(messages: QuerySet[Message]) -> int:
    # Do not wait for locked rows: they are being updated, or pruned by another process.
    oldest = messages.select_for_update(skip_locked=True).values_list("pk", flat=True)[:SLICE_ROWS]
    return messages.model._default_manager.filter(pk__in=list(oldest)).delete()[0]
