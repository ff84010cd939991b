"""What subscriptions to commands, notifications and presence share (protocol, 6.2 and 6.4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import msgspec
from django.conf import settings

from devicehive.events.event import Event
from devicehive.events.subscriptions import Requested, Subscription
from devicehive.protocol.actions import Caller
from devicehive.protocol.bodies import Params
from devicehive.protocol.connections import Connection
from devicehive.protocol.permissions import Permission
from devicehive.protocol.refusals import LaterRefusal
from devicehive.protocol.sessions import sessions
from devicehive.protocol.shapes import Long, Str, Timestamp
from devices.refusals import DeviceRefusal, SubscriptionRefusal
from devices.schemas.limits import GroupIds, MessageNames
from devices.services import open_connections, subscriptions

T = TypeVar("T", int, str)

SUBSCRIBE_ERRORS = (
    SubscriptionRefusal.NETWORKS_NOT_FOUND,
    SubscriptionRefusal.DEVICE_TYPES_NOT_FOUND,
    SubscriptionRefusal.NO_ACCESS,
    DeviceRefusal.ID_REQUIRED,
    DeviceRefusal.NOT_FOUND,
    LaterRefusal.TOO_MANY_SUBSCRIPTIONS,
)
MOST_SUBSCRIPTIONS = 1_000
"""The most subscriptions of one connection."""


class Scope(Params):
    """The devices and names of a subscription (6.3)."""

    device_id: Str | None = None
    network_ids: GroupIds | None = None
    device_type_ids: GroupIds | None = None
    names: MessageNames | None = None


class Subscribe(Scope):
    timestamp: Timestamp | None = None


class Unsubscribe(Params):
    subscription_id: Long | None = None


def subscribe(connection: Connection, requested: Requested, *, action: str, limit: int) -> int:
    """Open a subscription, which the connection starts after the answer. Raises Refused."""
    _check_room(connection, requested)
    subscription, replay = subscriptions.subscribe(
        connection.identity, requested, connection.listener, action=action, limit=limit
    )
    keep(connection, subscription, replay)
    return subscription.id


def _check_room(connection: Connection, requested: Requested) -> None:
    """Raises Refused if the connection has too many subscriptions, or if these have more names and
    ids in all than two messages can carry (R-47)."""
    opened = [each.requested for each in connection.subscriptions.values()]
    length = sum(len(msgspec.json.encode(each)) for each in [*opened, requested])
    if len(opened) >= MOST_SUBSCRIPTIONS or length > 2 * settings.MAX_MESSAGE_BYTES:
        raise LaterRefusal.TOO_MANY_SUBSCRIPTIONS.after(1)


SENT_BY_DEVICES = frozenset(
    {
        Permission.REGISTER_DEVICE,
        Permission.CREATE_DEVICE_NOTIFICATION,
        Permission.UPDATE_DEVICE_COMMAND,
    }
)
"""Permissions of which a client needs at least one to act as a device."""


def is_of_device(caller: Caller, params: Subscribe, *, updated: bool | None) -> bool:
    """Whether a subscription to commands shows that the device itself is connected (ADR 30). It
    does if it is to new commands of one device, unless the caller can send commands but do nothing
    that devices do, as the admin's page of a device."""
    permissions = caller.identity.permissions
    only_sends = Permission.CREATE_DEVICE_COMMAND in permissions
    only_sends = only_sends and permissions.isdisjoint(SENT_BY_DEVICES)
    return params.device_id is not None and not updated and not only_sends


def requested_by(params: Scope, *, kind: str, since: datetime | None) -> Requested:
    return Requested(
        type=kind,
        device_id=params.device_id,
        network_ids=_sorted(params.network_ids),
        device_type_ids=_sorted(params.device_type_ids),
        names=_sorted(params.names),
        timestamp=since,
    )


def _sorted(values: set[T] | None) -> list[T] | None:
    return None if values is None else sorted(values)


def keep(
    connection: Connection,
    subscription: Subscription,
    replay: Sequence[Event] = (),
    known: Sequence[Event] = (),
) -> None:
    """Give the connection a subscription, which it starts after the answer."""
    connection.open(subscription, replay, known)
    if subscription.changes != sessions.changes:
        # The user's access changed meanwhile, and the update did not find this subscription.
        open_connections.refresh_opened(connection, subscription)


def unsubscribe(connection: Connection, subscription_id: int | None, *, kind: str) -> None:
    """End one subscription of this kind, or all. Raises Refused."""
    own = [each for each in connection.subscriptions.values() if each.requested.type == kind]
    ended = [each for each in own if subscription_id in (None, each.id)]
    if subscription_id is not None and not ended:
        raise SubscriptionRefusal.NOT_FOUND(subscription_id)
    for subscription in ended:
        connection.end(subscription)
