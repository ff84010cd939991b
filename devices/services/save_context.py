"""Read what the rules of `device/save` need from the database, for the saves of one batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Min

from devicehive.orm.compiled import Select, execute
from devicehive.orm.dialects import Rows, Statement
from devicehive.protocol.permissions import Principal
from devices.models import Device, DeviceType, Network, User
from devices.services.access import (
    Memberships,
    memberships_between,
    saver,
    which_memberships,
)
from devices.services.device_save import DeviceSave
from devices.services.device_table import LOCKED
from devices.services.locked_devices import LockedDevices

_NETWORKS = Select(lambda ids: Network.objects.filter(id__among=ids).values_list("id"))
_DEVICE_TYPES = Select(lambda ids: DeviceType.objects.filter(id__among=ids).values_list("id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveContext:
    """The results of five queries: `which_memberships` (access.py), and the four below."""

    memberships: Memberships
    networks: frozenset[int]
    """The existing networks among those that the saves name."""
    device_types: frozenset[int]
    """The existing types among those that the saves name or their tokens list."""
    default_networks: Mapping[Principal, int]
    """For each principal that creates devices without naming a network, the network to use."""
    lowest_device_type: int | None
    """None if there is no type, or if no save needs it."""

    def admits(self, principal: Principal, network_id: int) -> bool:
        """Whether the principal may have devices in the network (R-26)."""
        return self.memberships.admit(saver(principal), network_id)

    def shows(self, principal: Principal, current: Device) -> bool:
        """Whether the principal may save over a device that is stored (R-26)."""
        return self.memberships.show(saver(principal), current)

    def permits(self, principal: Principal, device_type_id: int) -> bool:
        """Whether the principal may give devices this type."""
        types = self.memberships.types_of(principal)
        may_use = types is None or device_type_id in types
        return may_use and principal.device_types.allows(device_type_id)

    def default_device_type(self, principal: Principal) -> int | None:
        limit, types = principal.device_types, self.memberships.types_of(principal)
        if limit.ids is not None:
            listed = limit.ids & self.device_types
            return min(listed if types is None else listed & types, default=None)
        if not limit.is_everything:
            return None
        return self.lowest_device_type if types is None else min(types, default=None)


def look_up(saves: Sequence[DeviceSave]) -> tuple[LockedDevices, SaveContext]:
    """The existing devices of the saves, locked until the transaction ends, and the context.

    Takes one query, and more only if devices are created without a network or a type.
    """
    locked, members, networks, device_types = execute(
        lock(saves),
        which_memberships(saves, _named_networks(saves)),
        which_networks(saves),
        which_device_types(saves),
    )
    stored = LockedDevices(locked)
    created = [save for save in saves if save.device_id not in stored]
    homeless = {save.principal for save in created if save.device.network_id is None}
    untyped = {save.principal for save in created if save.device.device_type_id is None}
    defaults = default_networks(homeless)
    return stored, SaveContext(
        # A batch may save one new device twice: the second save needs its network's members.
        memberships=Memberships.of([*members, *_members_of(saves, defaults)]),
        networks=frozenset(id_ for (id_,) in networks),
        device_types=frozenset(id_ for (id_,) in device_types),
        default_networks=defaults,
        lowest_device_type=lowest_device_type(untyped),
    )


def lock(saves: Sequence[DeviceSave]) -> Statement | None:
    """A query that reads the devices that exist, and locks them until the commit."""
    return LOCKED.among({save.device_id for save in saves})


def which_networks(saves: Sequence[DeviceSave]) -> Statement | None:
    """A query for the existing networks among those named."""
    return _NETWORKS.among(_named_networks(saves))


def which_device_types(saves: Sequence[DeviceSave]) -> Statement | None:
    """A query for the existing types among those that saves name or tokens list."""
    ids = {save.device.device_type_id for save in saves if save.device.device_type_id is not None}
    listed = [s.principal.device_types.ids for s in saves if s.device.device_type_id is None]
    return _DEVICE_TYPES.among(ids.union(*(each for each in listed if each is not None)))


def default_networks(principals: set[Principal]) -> dict[Principal, int]:
    """The network for a new device of each principal: the lowest of the user's networks that the
    token lists, or of all if it lists none (R-26). Principals without one are left out."""
    if not principals:
        return {}
    limits = {principal: saver(principal).networks for principal in principals}
    lowest = _lowest_networks({p.user_id for p, limit in limits.items() if limit.ids is None})
    members = memberships_between(
        {p.user_id for p, limit in limits.items() if limit.ids is not None},
        {id_ for limit in limits.values() for id_ in limit.ids or ()},
    )
    pairs = {(user, network) for user, network, _ in members}
    defaults = {}
    for principal, limit in limits.items():
        default = lowest.get(principal.user_id)
        if limit.ids is not None:
            default = min((n for n in limit.ids if (principal.user_id, n) in pairs), default=None)
        if default is not None:
            defaults[principal] = default
    return defaults


def lowest_device_type(principals: set[Principal]) -> int | None:
    """The type of a new device of principals whose tokens list no types."""
    if all(principal.device_types.ids is not None for principal in principals):
        return None
    lowest: int | None = DeviceType.objects.aggregate(lowest=Min("id"))["lowest"]
    return lowest


def _lowest_networks(users: set[int]) -> dict[int, int]:
    if not users:
        return {}
    grouped = User.networks.through.objects.filter(user_id__in=users).values_list("user_id")
    return dict(grouped.annotate(Min("network_id")))


def _named_networks(saves: Sequence[DeviceSave]) -> set[int]:
    return {save.device.network_id for save in saves if save.device.network_id is not None}


def _members_of(saves: Sequence[DeviceSave], defaults: Mapping[Principal, int]) -> Rows:
    clients = {save.principal.user_id for save in saves if not save.principal.is_admin}
    return memberships_between(clients, set(defaults.values()))
