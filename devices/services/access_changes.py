"""Tell all processes that what a user may do or see has changed (R-40, R-45)."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import Error, transaction

from devicehive.events import fanout
from devicehive.protocol import bearer
from devicehive.protocol.timestamps import now
from devices.models import AccessChange
from devices.services import open_connections
from devices.services.access_events import of_access_change


def record(user_ids: Iterable[int]) -> None:
    """Record users whose access changes, in the transaction that changes it. Connections of this
    process get their new rights as soon as it is committed, those of others within a second."""
    # Requests over HTTP see it at once, as those of the reference server do.
    transaction.on_commit(bearer.forget)
    if settings.COMPATIBLE_MODE:
        return
    changes = [
        AccessChange(user_id=user_id, stored_at=now(), origin=fanout.origin())
        for user_id in user_ids
    ]
    AccessChange.objects.bulk_create(changes)
    # robust: what is committed must be answered with success, whatever happens here.
    transaction.on_commit(lambda: _tell(changes), robust=True)


def _tell(changes: Sequence[AccessChange]) -> None:
    fanout.announce_now(map(of_access_change, changes))
    if fanout.origin() is None:
        return
    for change in changes:
        try:
            open_connections.refresh(change.user_id)
        except Error:
            open_connections.refresh_later(change.user_id)
