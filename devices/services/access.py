"""Who sees which devices, networks and types (protocol, 3.2 and 3.3): the one place that says it.

A device is visible to a member of its network, or an administrator, unless the token lists
networks or types and leaves out its own. The rule stands here in four forms, because it is asked
in four ways: of a table, of the requests of a batch, of the saves of a batch, and of every event.
A property test holds them to each other: change one, and change all.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, Self

from django.conf import settings
from django.db.models import Exists, Q, QuerySet

from devicehive.events.event import EVERYTHING
from devicehive.orm.compiled import Select, execute
from devicehive.orm.dialects import Statement
from devicehive.protocol.permissions import UNLISTED, Principal
from devicehive.protocol.refusals import ProtocolRefusal
from devices.models import Device, DeviceType, Network, User
from devices.refusals import DeviceRefusal
from devices.services import events

# --- Of a table ------------------------------------------------------------------------------


def visible_networks(principal: Principal) -> QuerySet[Network]:
    networks = Network.objects.filter(principal.networks.q("id"))
    return networks if principal.is_admin else networks.filter(users=principal.user_id)


def visible_device_types(principal: Principal) -> QuerySet[DeviceType]:
    types = DeviceType.objects.filter(principal.device_types.q("id"))
    return types if principal.is_admin else types.filter(_assigned_to(principal.user_id))


def _assigned_to(user_id: int) -> Q:
    """The types of a user: every one, or those assigned to it."""
    may_use_all = User.objects.filter(pk=user_id, all_device_types_available=True)
    assigned = User.device_types.through.objects.filter(user_id=user_id)
    return Q(Exists(may_use_all)) | Q(id__in=assigned.values("devicetype_id"))


def visible_devices(
    principal: Principal, among: QuerySet[Device] | None = None
) -> QuerySet[Device]:
    devices = Device.objects.all() if among is None else among
    devices = devices.filter(
        principal.networks.q("network_id"), principal.device_types.q("device_type_id")
    )
    return devices if principal.is_admin else devices.filter(network__users=principal.user_id)


def accessible_networks(principal: Principal) -> QuerySet[Network]:
    """Those visible, with a token that opens any network; else none (3.3)."""
    return visible_networks(principal) if principal.networks.opens else Network.objects.none()


def accessible_device_types(principal: Principal) -> QuerySet[DeviceType]:
    """Those visible, with a token that opens any type; else none (3.3)."""
    types = visible_device_types(principal)
    return types if principal.device_types.opens else types.none()


def accessible_devices(principal: Principal) -> QuerySet[Device]:
    """Those visible, with a token that opens any network and any type; else none (3.1, 3.2)."""
    return visible_devices(principal) if principal.opens_devices else Device.objects.none()


# --- Of the requests of a batch ------------------------------------------------------------------

_Membership = User.networks.through
_MEMBERSHIPS = Select(
    lambda users, networks, devices: (
        _Membership.objects.filter(user__among=users)
        .filter(
            Q(network__among=networks)
            | Q(network__in=Device.objects.filter(id__among=devices).values("network_id"))
        )
        .values_list("user_id", "network_id")
    )
)
_LOCATIONS = Select(
    lambda ids: Device.objects.filter(id__among=ids).values_list(
        "id", "network_id", "device_type_id", "generation"
    )
)


class ToDevice(Protocol):
    """A request that names a device."""

    @property
    def principal(self) -> Principal: ...
    @property
    def device_id(self) -> str: ...


class Location(NamedTuple):
    """Where a device is, and which of those that had its id it is."""

    network_id: int
    device_type_id: int
    generation: int


@dataclass(frozen=True, slots=True)
class Memberships:
    """Which users are members of which networks, as far as the requests of a batch touch it."""

    pairs: frozenset[tuple[int, int]]

    def admit(self, principal: Principal, network_id: int) -> bool:
        """Whether devices in this network can be visible."""
        is_member = principal.is_admin or (principal.user_id, network_id) in self.pairs
        return is_member and not principal.networks.excludes(network_id)

    def show(self, principal: Principal, device: Location | Device) -> bool:
        """Whether a device is visible."""
        return self.admit(principal, device.network_id) and not principal.device_types.excludes(
            device.device_type_id
        )


def which_memberships(
    requests: Sequence[ToDevice], networks: Collection[int] = ()
) -> Statement | None:
    """Asks for those of the clients in these networks and in those of the devices named."""
    clients = {r.principal.user_id for r in requests if not r.principal.is_admin}
    return _MEMBERSHIPS.among(clients, networks, {request.device_id for request in requests})


def pairs_between(users: Collection[int], networks: Collection[int]) -> frozenset[tuple[int, int]]:
    """The users and networks among these that belong together."""
    if not networks:
        return frozenset()
    (pairs,) = execute(_MEMBERSHIPS.among(users, networks, ()))
    return frozenset(pairs)


@dataclass(frozen=True, slots=True)
class DeviceAccess:
    """Where the devices are that a batch of requests names, for those that may reach them."""

    locations: Mapping[str, Location]
    memberships: Memberships

    @classmethod
    def of(cls, requests: Sequence[ToDevice]) -> Self:
        """One look at the database."""
        found, pairs = execute(
            _LOCATIONS.among({request.device_id for request in requests}),
            which_memberships(requests),
        )
        locations = {id_: Location(*place) for id_, *place in found}
        return cls(locations, Memberships(frozenset(pairs)))

    def location(self, request: ToDevice) -> Location:
        """Where the device of a request is. Raises Refused: 403 by the gate (3.1, step 5), 404
        for a token that opens everything (3.4)."""
        principal, found = request.principal, self.locations.get(request.device_id)
        if found and principal.opens_devices and self.memberships.show(principal, found):
            return found
        if principal.opens_everything:
            raise DeviceRefusal.NOT_FOUND(request.device_id)
        raise ProtocolRefusal.ACCESS_DENIED()


# --- Of the saves of a batch ---------------------------------------------------------------------


def saver(principal: Principal) -> Principal:
    """The principal as far as its token limits where it may save devices. In compatible mode the
    lists of the token do not (R-26, R-29); else what it may save is what `Memberships` shows."""
    if not settings.COMPATIBLE_MODE:
        return principal
    return replace(principal, networks=UNLISTED, device_types=UNLISTED)


# --- Of every event ------------------------------------------------------------------------------


class Within(NamedTuple):
    """One limit of an audience: an event must have one of the topics, a stored message be one of
    the rows."""

    topics: frozenset[str]
    rows: Q


@dataclass(frozen=True, slots=True)
class Audience:
    """What a subscription hears: events of devices within all of its limits (6.3).

    It keeps hearing a device only while that is where the principal can see it (R-11).
    """

    limits: tuple[Within, ...]
    """The narrowest comes first: by its topics the hub finds the subscription."""

    @classmethod
    def of_device(cls, principal: Principal, device: Device) -> Self:
        """Of a visible device. For a client, the networks are those it is a member of now."""
        topic = events.device_topic(device.id, device.generation)
        rows = Q(device_id=device.id, generation=device.generation)
        networks = principal.networks.ids
        if not principal.is_admin:
            networks = frozenset(visible_networks(principal).values_list("id", flat=True))
        return cls(
            (Within(frozenset({topic}), rows), *_limits(networks, principal.device_types.ids))
        )

    @classmethod
    def of_groups(
        cls, networks: frozenset[int] | None, device_types: frozenset[int] | None
    ) -> Self:
        """Of all devices in these networks and of these types; None is any. Memberships are not
        looked at: what a token lists is decided by the token alone (6.3)."""
        return cls(tuple(_limits(networks, device_types)))

    @property
    def topics(self) -> frozenset[str]:
        return self.limits[0].topics if self.limits else frozenset({EVERYTHING})

    @property
    def also(self) -> tuple[frozenset[str], ...]:
        """What else must hold, beside `topics`."""
        return tuple(limit.topics for limit in self.limits[1:])

    @property
    def rows(self) -> Q:
        """The same, as a condition on stored messages. Those about the registry itself, which
        name no network, are never replayed (R-13)."""
        return Q(Q(network_id__isnull=False), *(limit.rows for limit in self.limits))


def _limits(
    networks: frozenset[int] | None, device_types: frozenset[int] | None
) -> Iterator[Within]:
    if networks is not None:
        yield Within(frozenset(map(events.network_topic, networks)), Q(network_id__in=networks))
    if device_types is not None:
        topics = frozenset(map(events.device_type_topic, device_types))
        yield Within(topics, Q(device_type_id__in=device_types))
