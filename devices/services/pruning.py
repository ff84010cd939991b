"""The end of commands and notifications: by age alone (protocol, 4.5), a slice at a time."""

import time
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from devicehive.events.peers import FORGOTTEN
from devicehive.protocol.timestamps import now
from devices.models import AccessChange, Command, Device, Notification, Presence
from devices.models.messages import Message

SLICE_ROWS = 1_000
"""Rows deleted in one transaction."""
REST = 0.02
"""Seconds between two slices on SQLite, about as long as a slice takes. Who waits there asks for
the lock now and then, and must find it free: inserts took up to 55 ms beside this, 230 without."""


def expired(kind: type[Message], seconds: int) -> QuerySet[Message]:
    """Those that were inserted or last updated longer ago, the oldest first."""
    found: QuerySet[Message] = kind._default_manager.filter(
        stored_at__lt=now() - timedelta(seconds=seconds)
    )
    return found.order_by("stored_at")


def count_expired(seconds: int) -> int:
    return sum(expired(kind, seconds).count() for kind in (Notification, Command))


def prune(seconds: int | None = None) -> int:
    """Delete a slice of what is older, by default than MESSAGE_SECONDS; 0 when there is none."""
    for kind in (Notification, Command):
        deleted = _delete(expired(kind, settings.MESSAGE_SECONDS if seconds is None else seconds))
        if deleted:
            if connection.vendor == "sqlite":
                time.sleep(REST)
            return deleted
    _forget_access_changes()
    _forget_presence()
    return 0


def _forget_access_changes() -> None:
    """No process looks further back (`devicehive.events.peers`)."""
    AccessChange.objects.filter(stored_at__lt=now() - FORGOTTEN).delete()


def _forget_presence() -> None:
    """Of devices that are not there any more."""
    of_this = Device.objects.filter(pk=OuterRef("pk"), generation=OuterRef("generation"))
    Presence.objects.filter(~Exists(of_this)).delete()


@transaction.atomic
def _delete(messages: QuerySet[Message]) -> int:
    # Locked ones are being updated, or pruned by another process: neither is waited for.
    oldest = messages.select_for_update(skip_locked=True).values_list("pk", flat=True)[:SLICE_ROWS]
    return messages.model._default_manager.filter(pk__in=list(oldest)).delete()[0]
