"""Which events a subscription gets: the fourth form of the access rule in `access`.

An audience is made from what its user can see now, and replaced when that changes. The topics of an
event then decide alone who gets it, so the cost does not grow with the number of subscriptions.
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
"""A set of ids, or None for all."""


class Places(NamedTuple):
    """The networks and types whose devices a user can see now."""

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
    """The limits of a subscription: it gets events of devices within all of them (6.3).

    It gets a device's events only while the principal can see the device (R-11, R-40).
    """

    networks: Ids
    device_types: Ids
    device: Device | None = None
    command: int | None = None
    """The number of a command, if the subscription is to the updates of one command only."""
    changes: int = 0
    """The value of `sessions.changes` before this was read, to notice that it is out of date."""

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
        """The audience of a request, limited to what the principal can see; `device` is the
        requested device, if any.

        In compatible mode only the token limits the networks and types (R-50).
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
        """Sets of topics, of each of which an event must have one. The hub indexes subscriptions
        by the first, so the narrowest comes first."""
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
        """The condition for stored messages that the subscription would have got. Messages about
        the registry itself, which name no network, are never replayed (R-13)."""
        told = Q(network_id__isnull=False) & self._within
        if self.device is not None:
            told &= Q(device_id=self.device.id, generation=self.device.generation)
        return told

    @property
    def devices(self) -> QuerySet[Device]:
        """The devices that are within the limits now; a replay has messages of no others (R-40)."""
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
    """The ids of a list, or None (no limit) if the list is absent or empty."""
    return frozenset(ids) if ids else None
