"""Who sees which devices, networks and types (protocol, 3.2 and 3.3).

A device is visible to an administrator, and to a member of its network who may use its type,
unless the token lists networks or types and leaves out those of the device. Memberships and types
are read when they are needed (R-53). The rule has four forms, because it is applied to a table, to
the requests of a batch, to the saves of a batch (these three are here), and to every event
(`audiences`). A property test checks that they agree: change one, and change all.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar

from django.conf import settings
from django.db.models import Exists, Q, QuerySet

from devicehive.orm.compiled import Select, execute
from devicehive.orm.dialects import Rows, Statement
from devicehive.orm.filtered import Filtered
from devicehive.protocol.permissions import UNLISTED, Principal
from devicehive.protocol.refusals import ProtocolRefusal
from devices.models import Device, DeviceType, Network, User
from devices.refusals import DeviceRefusal
from devices.services.device_table import SHORT, UNLOCKED, by_id

_Membership = User.networks.through
_Assignment = User.device_types.through

# --- Of a table ------------------------------------------------------------------------------


def visible_networks(principal: Principal) -> QuerySet[Network]:
    networks = Network.objects.filter(principal.networks.q("id"))
    return networks if principal.is_admin else networks.filter(users=principal.user_id)


def visible_device_types(principal: Principal) -> QuerySet[DeviceType]:
    types = DeviceType.objects.filter(principal.device_types.q("id"))
    return types if principal.is_admin else types.filter(_may_use(principal.user_id, "id"))


def _may_use(user_id: int, column: str) -> Q:
    """The condition on the type's id in `column`: the user may use all types, or this one."""
    may_use_all = User.objects.filter(pk=user_id, all_device_types_available=True)
    assigned = _Assignment.objects.filter(user_id=user_id).values("devicetype_id")
    return Q(Exists(may_use_all)) | Q(**{f"{column}__in": assigned})


def find_visible(principal: Principal) -> Filtered[Device]:
    devices = Filtered(Device).filter(
        **principal.networks.only("network_id"), **principal.device_types.only("device_type_id")
    )
    if principal.is_admin:
        return devices
    devices = devices.filter(network__users=principal.user_id)
    if settings.COMPATIBLE_MODE:
        return devices
    return devices.where(_of_types_for, principal.user_id)


def _of_types_for(devices: QuerySet[Device], user_id: int) -> QuerySet[Device]:
    return devices.filter(_may_use(user_id, "device_type_id"))


def visible_devices(
    principal: Principal, among: QuerySet[Device] | None = None
) -> QuerySet[Device]:
    return find_visible(principal).on(Device.objects.all() if among is None else among)


def accessible_networks(principal: Principal) -> QuerySet[Network]:
    """The visible networks, or none if the token gives access to no network (3.3)."""
    return visible_networks(principal) if principal.networks.opens else Network.objects.none()


def accessible_device_types(principal: Principal) -> QuerySet[DeviceType]:
    """The visible types, or none if the token gives access to no type (3.3)."""
    types = visible_device_types(principal)
    return types if principal.device_types.opens else types.none()


def accessible_devices(principal: Principal) -> Filtered[Device]:
    """The visible devices, or none if the token gives access to no network or type (3.1, 3.2)."""
    devices = find_visible(principal)
    return devices if principal.opens_devices else devices.none()


# --- Of the requests of a batch ------------------------------------------------------------------

_MEMBERSHIPS = Select(
    lambda users, networks, devices: (
        _Membership.objects.filter(user__among=users)
        .filter(
            Q(network__among=networks)
            | Q(network__in=Device.objects.filter(id__among=devices).values("network_id"))
        )
        .values_list("user_id", "network_id", "user__all_device_types_available")
    )
)
_ASSIGNED = Select(
    lambda users: _Assignment.objects.filter(user__among=users).values_list(
        "user_id", "devicetype_id"
    )
)
_LOCATIONS = Select(
    lambda ids: Device.objects.filter(id__among=ids).values_list(
        "id", "network_id", "device_type_id", "generation", "is_blocked"
    )
)


class ToDevice(Protocol):
    """A request that names a device."""

    @property
    def principal(self) -> Principal: ...
    @property
    def device_id(self) -> str: ...


class Location(NamedTuple):
    """The network, type and generation of a device, and whether it is blocked."""

    network_id: int
    device_type_id: int
    generation: int
    is_blocked: bool


@dataclass(frozen=True, slots=True)
class Memberships:
    """The memberships that the requests of a batch need: which users are in which networks, and
    which types they may use."""

    pairs: frozenset[tuple[int, int]]
    assigned: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """The types that are assigned to a user, for users who may not use all types."""

    @classmethod
    def of(cls, rows: Iterable[Sequence[Any]]) -> Self:
        """Make them from the rows of `which_memberships`. Takes a second query if a member may not
        use all types, except in compatible mode, which ignores that (R-53)."""
        rows = list(rows)
        pairs = frozenset((user, network) for user, network, _ in rows)
        restricted = {user for user, _, may_use_all in rows if not may_use_all}
        if settings.COMPATIBLE_MODE or not restricted:
            return cls(pairs)
        return cls(pairs, _types_assigned_to(restricted))

    def admit(self, principal: Principal, network_id: int) -> bool:
        """Whether the principal can see devices in this network."""
        is_member = principal.is_admin or (principal.user_id, network_id) in self.pairs
        return is_member and not principal.networks.excludes(network_id)

    def types_of(self, principal: Principal) -> frozenset[int] | None:
        """The types that a member may use. None is any."""
        return None if principal.is_admin else self.assigned.get(principal.user_id)

    def show(self, principal: Principal, device: Location | Device) -> bool:
        """Whether a device is visible."""
        types = self.types_of(principal)
        return (
            self.admit(principal, device.network_id)
            and not principal.device_types.excludes(device.device_type_id)
            and (types is None or device.device_type_id in types)
        )


def _types_assigned_to(users: set[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {user: set() for user in users}
    for user, device_type in execute(_ASSIGNED.among(users))[0]:
        found[user].add(device_type)
    return {user: frozenset(types) for user, types in found.items()}


def which_memberships(
    requests: Sequence[ToDevice], networks: Collection[int] = ()
) -> Statement | None:
    """A query for the clients' memberships in these networks and in the networks of the named
    devices. Its rows are user, network, and whether the user may use all types."""
    clients = {r.principal.user_id for r in requests if not r.principal.is_admin}
    return _MEMBERSHIPS.among(clients, networks, {request.device_id for request in requests})


def memberships_between(users: Collection[int], networks: Collection[int]) -> Rows:
    """The memberships of users in networks, as rows like those of `which_memberships`."""
    return execute(_MEMBERSHIPS.among(users, networks, ()))[0] if networks else []


L = TypeVar("L", Location, Device)


@dataclass(frozen=True, slots=True)
class DeviceAccess(Generic[L]):
    """The devices that the requests of a batch name, or their locations, and who may see them."""

    devices: Mapping[str, L]
    memberships: Memberships

    def visible(self, request: ToDevice) -> L | None:
        """The device of a request, if it exists and is visible (3.2)."""
        found = self.devices.get(request.device_id)
        return found if found and self.memberships.show(request.principal, found) else None

    def reach(self, request: ToDevice) -> L:
        """The device of a request. Raises Refused: 403 by the gate (3.1, step 5), 404 for a
        token that opens everything (3.4)."""
        found = self.visible(request)
        if found and request.principal.opens_devices:
            return found
        if request.principal.opens_everything:
            raise DeviceRefusal.NOT_FOUND(request.device_id)
        raise ProtocolRefusal.ACCESS_DENIED()


def locate(requests: Sequence[ToDevice]) -> DeviceAccess[Location]:
    """The locations of the devices of requests, in one query; so are the next two."""
    found, memberships = _look_up(_LOCATIONS, requests)
    return DeviceAccess({id_: Location(*place) for id_, *place in found}, memberships)


def load(requests: Sequence[ToDevice]) -> DeviceAccess[Device]:
    """The devices of requests, as they are stored."""
    found, memberships = _look_up(UNLOCKED, requests)
    return DeviceAccess(by_id(found), memberships)


def load_short(requests: Sequence[ToDevice]) -> DeviceAccess[Device]:
    """The devices of many requests, without those whose `data` is long, to save memory."""
    found, memberships = _look_up(SHORT, requests)
    return DeviceAccess(by_id(found), memberships)


def _look_up(select: Select, requests: Sequence[ToDevice]) -> tuple[Rows, Memberships]:
    found, members = execute(
        select.among({request.device_id for request in requests}), which_memberships(requests)
    )
    return found, Memberships.of(members)


# --- Of the saves of a batch ---------------------------------------------------------------------


def saver(principal: Principal) -> Principal:
    """The principal with the limits that apply to saves. In compatible mode the lists of the token
    do not limit where it may save devices (R-26, R-29); otherwise it may save what it can see."""
    if not settings.COMPATIBLE_MODE:
        return principal
    return replace(principal, networks=UNLISTED, device_types=UNLISTED)
