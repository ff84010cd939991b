"""Who hears what: the fourth form of the rule that `access` states, asked of every event.

An audience is made from what its user can see now, and made anew when that changes; what comes of
an event is then decided by its topics alone, whatever the number of subscriptions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Self

from django.conf import settings
from django.db.models import Q, QuerySet

from devicehive.events.subscriptions import Requested
from devicehive.protocol.permissions import Principal
from devices.models import Device, User
from devices.services import topics

Ids = frozenset[int] | None
"""Some ids, or any."""


class Places(NamedTuple):
    """The networks whose devices a user can see now, and of which types."""

    networks: Ids = None
    device_types: Ids = None


def places_of(principal: Principal) -> Places:
    """The places of a principal, which for an administrator are all."""
    if principal.is_admin:
        return Places()
    return places_of_client(User.objects.filter(pk=principal.user_id).first())


def places_of_client(user: User | None) -> Places:
    """The memberships of a client, and its types if it may not use all; none when it is gone."""
    if user is None:
        return Places(frozenset(), frozenset())
    types = None
    if not (user.all_device_types_available or settings.COMPATIBLE_MODE):
        types = frozenset(user.device_types.values_list("id", flat=True))
    return Places(frozenset(user.networks.values_list("id", flat=True)), types)


def narrow(*limits: Ids) -> Ids:
    """What is within all of the limits."""
    listed = [ids for ids in limits if ids is not None]
    return frozenset.intersection(*listed) if listed else None


@dataclass(frozen=True, slots=True)
class Audience:
    """What a subscription hears: events of devices within all of its limits (6.3).

    It hears of a device only while that is where the principal can see it (R-11, R-40).
    """

    networks: Ids
    device_types: Ids
    device: Device | None = None
    command: int | None = None
    """The number of the one command of the device that is heard of, if it is one."""
    changes: int = 0
    """How many changes of access were known before this was read (`sessions.changes`)."""

    @classmethod
    def of(
        cls,
        principal: Principal,
        requested: Requested,
        places: Places,
        *,
        device: Device | None = None,
        changes: int = 0,
    ) -> Self:
        """What was requested, as far as the principal can see it; `device` is the one requested.

        In compatible mode the token alone says what is heard of networks and types (R-50).
        """
        if settings.COMPATIBLE_MODE and requested.device_id is None:
            places = Places()
        asked: tuple[Ids, Ids] = (None, None)
        if requested.device_id is None:
            asked = _some(requested.network_ids), _some(requested.device_type_ids)
        return cls(
            narrow(asked[0], principal.networks.ids, places.networks),
            narrow(asked[1], principal.device_types.ids, places.device_types),
            device,
            changes=changes,
        )

    @property
    def limits(self) -> tuple[frozenset[str], ...]:
        """An event must have a topic of each. By the first the hub finds the subscription, so the
        narrowest comes first."""
        found = []
        if self.device is not None:
            found.append(frozenset({self._topic_of(self.device)}))
        if self.networks is not None:
            found.append(frozenset(map(topics.network_topic, self.networks)))
        if self.device_types is not None:
            found.append(frozenset(map(topics.device_type_topic, self.device_types)))
        return tuple(found)

    def _topic_of(self, device: Device) -> str:
        if self.command is None:
            return topics.device_topic(device.id, device.generation)
        return topics.command_topic(device.id, device.generation, self.command)

    @property
    def rows(self) -> Q:
        """The condition for stored messages that it would have heard. Those about the registry
        itself, which name no network, are never replayed (R-13)."""
        told = Q(network_id__isnull=False) & self._within
        if self.device is not None:
            told &= Q(device_id=self.device.id, generation=self.device.generation)
        return told

    @property
    def devices(self) -> QuerySet[Device]:
        """The devices that are now where they are heard: a replay tells of no others (R-40)."""
        return Device.objects.filter(self._within)

    @property
    def _within(self) -> Q:
        within = Q()
        if self.networks is not None:
            within &= Q(network_id__in=self.networks)
        if self.device_types is not None:
            within &= Q(device_type_id__in=self.device_types)
        return within


def _some(ids: Iterable[int] | None) -> Ids:
    """The ids; none in particular if the list is absent, and if it is empty."""
    return frozenset(ids) if ids else None
