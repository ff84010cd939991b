"""Changes of a user's access as events. As events they reach all processes even if Redis is away,
and even if a management command made the change (`devicehive.events.fanout`)."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from devicehive.events.event import Event, origin_of
from devices.models import AccessChange

ACCESS_CHANGED = "access/change"
"""The action of these events. Clients cannot subscribe to it, because no push has this name."""


def of_access_change(change: AccessChange) -> Event:
    return Event(
        action=ACCESS_CHANGED,
        member="",
        name=str(change.user_id),
        topics=frozenset(),
        key=f"a:{change.pk}",
        body=msgspec.Raw(b"null"),
        origin=change.origin,
        stored_at=change.stored_at,
    )


def missed_access_changes(process: int, since: datetime) -> Iterator[Sequence[Event]]:
    """The changes that a process has made since a moment."""
    stored_by = origin_of(process)
    changes = AccessChange.objects.filter(stored_at__gte=since, origin=stored_by)
    yield [of_access_change(each) for each in changes.order_by("id")]
