"""Subscriptions to commands, notifications and presence (protocol, 6.2 to 6.6)."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db.models import QuerySet

from devicehive.events import fanout
from devicehive.events.event import Event
from devicehive.events.hub import hub
from devicehive.events.subscriptions import Listener, Requested, Subscription, new_id
from devicehive.orm.compiled import many
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal, Refusal
from devicehive.protocol.sessions import sessions
from devices.models import Device
from devices.refusals import DeviceRefusal, SubscriptionRefusal
from devices.services import access, events, stored_messages
from devices.services.audiences import Audience, places_of

MOST_REPLAYED_NOTIFICATIONS = 100
MOST_REPLAYED_COMMANDS = 20


def audience_of(principal: Principal, requested: Requested) -> Audience:
    """The audience of a request, after checks 3 to 7 of 6.2. Raises Refused."""
    changes = sessions.changes
    networks = _check_ids(
        requested.network_ids,
        principal,
        access.visible_networks,
        SubscriptionRefusal.NETWORKS_NOT_FOUND,
    )
    device_types = _check_ids(
        requested.device_type_ids,
        principal,
        access.visible_device_types,
        SubscriptionRefusal.DEVICE_TYPES_NOT_FOUND,
    )
    if not (networks or principal.networks.opens) or not (
        device_types or principal.device_types.opens
    ):
        raise SubscriptionRefusal.NO_ACCESS()
    device = None
    if requested.device_id is not None:
        device = _device(principal, requested.device_id)
    places = places_of(principal)
    return Audience.of(principal, requested, places, device=device, changes=changes)


def _check_ids(
    ids: Collection[int] | None,
    principal: Principal,
    visible: Callable[[Principal], QuerySet[Any]],
    missing: Refusal,
) -> frozenset[int] | None:
    """The requested ids, after checks 3 and 4, or None if there are none. Raises Refused."""
    if not ids:
        return None
    wanted = frozenset(ids)
    if visible(principal).filter(id__among=many(wanted)).count() != len(wanted):
        if not principal.is_admin:
            raise ProtocolRefusal.ACCESS_DENIED()
        raise missing(f"[{', '.join(map(str, ids))}]")
    return wanted


def _device(principal: Principal, device_id: str) -> Device:
    """The requested device, after checks 6 and 7. Raises Refused."""
    if device_id == "":
        raise DeviceRefusal.ID_REQUIRED()
    device = access.visible_devices(principal).filter(id=device_id).first()
    if device is None:
        if not principal.is_admin:
            raise ProtocolRefusal.ACCESS_DENIED()
        raise DeviceRefusal.NOT_FOUND(device_id)
    return device


def subscribe(
    principal: Principal,
    requested: Requested,
    listener: Listener,
    *,
    action: str,
    limit: int,
) -> tuple[Subscription, Sequence[Event]]:
    """A subscription that listens but still holds back events, and its replay. Raises Refused."""
    audience = audience_of(principal, requested)
    # Listen first, then read: an event stored in between is in both, and told once.
    subscription = listen(principal, audience, requested, listener, action=action)
    try:
        return subscription, replay(action, audience, requested, limit)
    except BaseException:
        # Nobody else would end it.
        hub.remove(subscription)
        raise


def listen(
    principal: Principal,
    audience: Audience,
    requested: Requested,
    listener: Listener,
    *,
    action: str,
) -> Subscription:
    """Add a subscription to the hub. It holds back events until it is started."""
    subscription = Subscription(
        id=new_id(),
        action=action,
        limits=audience.limits,
        principal=principal,
        changes=audience.changes,
        needs=events.NEEDED_TO_HEAR[action],
        names=frozenset(requested.names) if requested.names else None,
        listener=listener,
        requested=requested,
    )
    hub.add(subscription)
    fanout.wait_until_told(action)
    return subscription


def replay(action: str, audience: Audience, requested: Requested, limit: int) -> Sequence[Event]:
    """The oldest stored messages from the timestamp on, in order (6.5)."""
    if requested.timestamp is None or limit <= 0:
        return ()
    messages = stored_messages.BY_ACTION[action]
    since = messages.heard_by(audience, requested).filter(timestamp__gte=requested.timestamp)
    return messages.events(since.order_by("timestamp", "id")[:limit])
