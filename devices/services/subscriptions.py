"""Subscriptions to commands and notifications (protocol, 6.2 to 6.6)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from devicehive.events.event import EVERYTHING, Event
from devicehive.events.hub import hub
from devicehive.events.subscriptions import Listener, Requested, Subscription, new_id
from devicehive.orm.compiled import many
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal, Refusal
from devices.models import Command, Device, DeviceType, Network, Notification
from devices.refusals import DeviceRefusal, SubscriptionRefusal
from devices.schemas.command import StoredCommand
from devices.schemas.notification import StoredNotification
from devices.services import events

MOST_REPLAYED_NOTIFICATIONS = 100
MOST_REPLAYED_COMMANDS = 20


@dataclass(frozen=True, slots=True)
class Scope:
    """Which devices a subscription is about, in one of three ways (6.3). None is all."""

    device: Device | None
    networks: frozenset[int] | None
    device_types: frozenset[int] | None

    @property
    def topics(self) -> frozenset[str]:
        if self.device is not None:
            return frozenset({events.device_topic(self.device.id, self.device.generation)})
        return self._network_topics or self._device_type_topics or frozenset({EVERYTHING})

    @property
    def also(self) -> tuple[frozenset[str], ...]:
        """What else must hold. For one device too: it is not heard of while it is where the
        principal cannot see it (R-11)."""
        wanted = (self._network_topics, self._device_type_topics)
        return tuple(topics for topics in wanted if topics is not None)

    @property
    def _network_topics(self) -> frozenset[str] | None:
        if self.networks is None:
            return None
        return frozenset(map(events.network_topic, self.networks))

    @property
    def _device_type_topics(self) -> frozenset[str] | None:
        if self.device_types is None:
            return None
        return frozenset(map(events.device_type_topic, self.device_types))

    @property
    def rows(self) -> Q:
        """The same, as a condition on stored messages. Those about the registry itself, which
        name no network, are never replayed (R-13)."""
        condition = Q(network_id__isnull=False)
        if self.device is not None:
            condition &= Q(device_id=self.device.id, generation=self.device.generation)
        if self.networks is not None:
            condition &= Q(network_id__in=self.networks)
        if self.device_types is not None:
            condition &= Q(device_type_id__in=self.device_types)
        return condition


def scope_of(principal: Principal, requested: Requested) -> Scope:
    """Checks 3 to 7 of 6.2. Raises Refused."""
    networks = _checked(
        requested.network_ids,
        principal,
        Network.objects.visible_to(principal),
        SubscriptionRefusal.NETWORKS_NOT_FOUND,
    )
    device_types = _checked(
        requested.device_type_ids,
        principal,
        DeviceType.objects.visible_to(principal),
        SubscriptionRefusal.DEVICE_TYPES_NOT_FOUND,
    )
    networks = networks or principal.network_ids
    device_types = device_types or principal.device_type_ids
    if not (networks or principal.all_networks) or not (device_types or principal.all_device_types):
        raise SubscriptionRefusal.NO_ACCESS()
    if requested.device_id is None:
        return Scope(None, networks, device_types)
    device = _device(principal, requested.device_id)
    return Scope(device, _networks_of(principal), principal.device_type_ids)


def _checked(
    ids: Collection[int] | None, principal: Principal, visible: QuerySet[Any], missing: Refusal
) -> frozenset[int] | None:
    """Checks 3 and 4. None when none are requested."""
    if not ids:
        return None
    wanted = frozenset(ids)
    if visible.filter(id__among=many(wanted)).count() != len(wanted):
        if not principal.is_admin:
            raise ProtocolRefusal.ACCESS_DENIED()
        raise missing(f"[{', '.join(map(str, ids))}]")
    return wanted


def _device(principal: Principal, device_id: str) -> Device:
    """Checks 6 and 7."""
    if device_id == "":
        raise DeviceRefusal.ID_REQUIRED()
    device = Device.objects.visible_to(principal).filter(id=device_id).first()
    if device is None:
        if not principal.is_admin:
            raise ProtocolRefusal.ACCESS_DENIED()
        raise DeviceRefusal.NOT_FOUND(device_id)
    return device


def _networks_of(principal: Principal) -> frozenset[int] | None:
    """The networks in which the principal sees devices now; None is any."""
    if principal.is_admin:
        return principal.network_ids
    return frozenset(Network.objects.visible_to(principal).values_list("id", flat=True))


def subscribe(
    principal: Principal,
    requested: Requested,
    listener: Listener,
    *,
    action: str,
    limit: int,
) -> tuple[Subscription, Sequence[Event]]:
    """A subscription, already listening but holding back, and its replay. Raises Refused."""
    scope = scope_of(principal, requested)
    subscription = Subscription(
        id=new_id(),
        action=action,
        topics=scope.topics,
        also=scope.also,
        names=frozenset(requested.names) if requested.names else None,
        listener=listener,
        requested=requested,
    )
    # First listen, then read: what is stored in between is in both, and told once.
    hub.add(subscription)
    return subscription, replay(action, scope, requested, limit)


def replay(action: str, scope: Scope, requested: Requested, limit: int) -> Sequence[Event]:
    """The oldest stored messages from the timestamp on, in order (6.5)."""
    if requested.timestamp is None or limit <= 0:
        return ()
    since: datetime = requested.timestamp
    if action == events.NOTIFICATION_INSERTED:
        found = _stored(Notification.objects.all(), "notification", scope, requested, since)
        return [events.of_notification(StoredNotification.of(each)) for each in found[:limit]]
    commands = _stored(Command.objects.all(), "command", scope, requested, since)
    if action == events.COMMAND_UPDATED:
        updated = commands.filter(updates__gt=0)[:limit]
        return [events.of_updated_command(StoredCommand.of(each)) for each in updated]
    return [events.of_command(StoredCommand.of(each)) for each in commands[:limit]]


def _stored(
    messages: QuerySet[Any], name: str, scope: Scope, requested: Requested, since: datetime
) -> QuerySet[Any]:
    messages = messages.filter(scope.rows, timestamp__gte=since)
    if requested.names:
        messages = messages.filter(**{f"{name}__among": many(requested.names)})
    return messages.order_by("timestamp", "id")
