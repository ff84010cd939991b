"""Open polls of REST: find stored messages, and listen for new ones (REST 3.3 to 3.5)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from devicehive.events.event import Event
from devicehive.events.hub import hub
from devicehive.events.subscriptions import Listener, Requested, Subscription
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devices.models import Command
from devices.refusals import DeviceRefusal, SubscriptionRefusal
from devices.services import commands, devices, events
from devices.services.audiences import Audience
from devices.services.stored_messages import StoredMessages
from devices.services.subscriptions import audience_of, listen


class Opened(NamedTuple):
    """What a poll has found, and what it listens to."""

    subscription: Subscription
    found: Sequence[Event]
    """The stored events, the oldest first; if there are any, the poll does not wait."""
    known: Sequence[Event]
    """Events that the caller has already: they were stored exactly at the poll's `timestamp`."""


def poll(
    principal: Principal,
    requested: Requested,
    listener: Listener,
    *,
    messages: StoredMessages,
    limit: int,
) -> Opened | None:
    """Listen, and look for messages stored since the requested `timestamp`; a `limit` of 0 means
    all of them.

    Returns None if there is no network or type to look in. Raises Refused.
    """
    audience = _audience_of(principal, requested)
    if audience is None:
        return None
    # Listen first, then read: an event stored in between is in both, and told once.
    subscription = listen(principal, audience, requested, listener, action=messages.action)
    try:
        column, since = messages.poll_column, requested.timestamp
        heard = messages.heard_by(audience, requested).order_by(column, "id")
        newer = heard.filter(**{f"{column}__gt": since})
        found = messages.events(newer[:limit] if limit else newer)
        known = () if found else messages.events(heard.filter(**{column: since}))
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
    requested = Requested(type="command", device_id=device_id)
    audience = replace(audience_of(principal, requested), command=number)
    subscription = listen(principal, audience, requested, listener, action=events.COMMAND_UPDATED)
    command = commands.of_device(principal, device_id).filter(number=number).first()
    return subscription, command
