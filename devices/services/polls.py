"""Open polls of REST: find stored messages, and listen for new ones (REST 3.3 to 3.5)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db.models import QuerySet

from devicehive.events.event import Event
from devicehive.events.hub import hub
from devicehive.events.subscriptions import Listener, Requested, Subscription
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devices.models import Command, Notification
from devices.refusals import DeviceRefusal, SubscriptionRefusal
from devices.services import commands, devices, events
from devices.services.audiences import Audience
from devices.services.subscriptions import audience_of, listen, stored, told


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of poll: the push that it waits for, and where its messages are stored."""

    name: str
    action: str
    stored: QuerySet[Any]
    column: str
    """The column that the `timestamp` of a poll is compared with."""
    event: Callable[[Any], Event]
    """Makes an event of a stored message."""


NOTIFICATIONS = Kind(
    name="notification",
    action=events.NOTIFICATION_INSERTED,
    stored=Notification.objects.all(),
    column="timestamp",
    event=events.of_notification,
)
COMMANDS = Kind(
    name="command",
    action=events.COMMAND_INSERTED,
    stored=Command.objects.all(),
    column="timestamp",
    event=events.of_command,
)
UPDATED_COMMANDS = Kind(
    name="command",
    action=events.COMMAND_UPDATED,
    stored=Command.objects.filter(updates__gt=0),
    column="last_updated",
    event=events.of_updated_command,
)


class Opened(NamedTuple):
    """What a poll has found, and what it listens to."""

    subscription: Subscription
    found: Sequence[Event]
    """The stored events, the oldest first; if there are any, the poll does not wait."""
    known: Sequence[Event]
    """Events that the caller has already: they were stored exactly at the poll's `timestamp`."""


def poll(
    principal: Principal, requested: Requested, listener: Listener, *, kind: Kind, limit: int
) -> Opened | None:
    """Listen, and look for messages stored since the requested `timestamp`; a `limit` of 0 means
    all of them.

    Returns None if there is no network or type to look in. Raises Refused.
    """
    audience = _audience_of(principal, requested)
    if audience is None:
        return None
    # Listen first, then read: an event stored in between is in both, and told once.
    subscription = listen(principal, audience, requested, listener, action=kind.action)
    try:
        messages = stored(kind.stored, kind.name, audience, requested).order_by(kind.column, "id")
        since = requested.timestamp
        newer = messages.filter(**{f"{kind.column}__gt": since})
        found = told(kind.event, newer[:limit] if limit else newer)
        known = () if found else told(kind.event, messages.filter(**{kind.column: since}))
    except BaseException:
        # Nobody else would end it.
        hub.remove(subscription)
        raise
    return Opened(subscription, found, known)


def _audience_of(principal: Principal, requested: Requested) -> Audience | None:
    """The audience of a poll, or None if there is no network or type to look in. Raises Refused."""
    try:
        return audience_of(principal, requested)
    except Refused as refused:
        if refused.refusal is SubscriptionRefusal.NO_ACCESS:
            return None
        if refused.refusal is DeviceRefusal.NOT_FOUND and not principal.opens_everything:
            # The gate answers the same for a device outside a narrow token (REST 1.7).
            raise ProtocolRefusal.ACCESS_DENIED() from None
        raise


def wait_for_update(
    principal: Principal, device_id: str, number: int, listener: Listener
) -> tuple[Subscription, Command | None]:
    """Listen to the updates of a command; also returns the command as it is now, or None.

    Raises Refused.
    """
    devices.get(principal, device_id)
    requested = Requested(
        type="command",
        device_id=device_id,
        network_ids=None,
        device_type_ids=None,
        names=None,
        timestamp=None,
    )
    audience = replace(audience_of(principal, requested), command=number)
    subscription = listen(principal, audience, requested, listener, action=events.COMMAND_UPDATED)
    command = commands.of_device(principal, device_id).filter(number=number).first()
    return subscription, command
