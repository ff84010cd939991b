"""The rules of `device/save` (protocol, 5.4.5, checks 8 to 13), for many saves at once.

`Facts` asks the database, a few questions for a whole batch; `applied` decides one save by them
and is plain Python.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db.models import Min

from devicehive.orm.compiled import Select, execute
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devices.models import (
    LONGEST_DEVICE_ID,
    LONGEST_NAME,
    DeviceType,
    Network,
    new_generation,
)
from devices.refusals import DeviceRefusal, DeviceTypeRefusal, NetworkRefusal
from devices.services.device_table import LOCKED, DeviceRow, by_id
from devices.services.memberships import IN_NETWORKS_OR_OF_DEVICES, Membership, memberships

if TYPE_CHECKING:
    from devices.services.devices import DeviceSave

_NETWORKS = Select(lambda: Network.objects.filter(id__among="").values_list("id"))
_DEVICE_TYPES = Select(lambda: DeviceType.objects.filter(id__among="").values_list("id"))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of the database, for the saves of one batch."""

    memberships: frozenset[tuple[int, int]]
    """(user, network), as far as these saves touch them."""
    networks: frozenset[int]
    """Those of the networks named in the saves that exist."""
    device_types: frozenset[int]
    """Those of the types named in the saves or in restricted tokens that exist."""
    default_networks: Mapping[Principal, int]
    lowest_device_type: int | None

    @classmethod
    def ask(cls, saves: Sequence["DeviceSave"]) -> tuple[dict[str, DeviceRow], Self]:
        """The stored rows of these devices, locked until the transaction ends, and the facts.

        One look at the database, and more only if devices are created without a network or a
        type.
        """
        ids = {save.device_id for save in saves}
        clients = {save.principal.user_id for save in saves if not save.principal.is_admin}
        named = {save.network_id for save in saves if save.network_id is not None}
        types = {save.device_type_id for save in saves if save.device_type_id is not None}
        for save in saves:
            if save.device_type_id is None:
                types |= save.principal.device_type_ids or set()
        rows, members, networks, device_types = execute(
            LOCKED.among(ids),
            IN_NETWORKS_OR_OF_DEVICES.among(clients, named, ids),
            _NETWORKS.among(named),
            _DEVICE_TYPES.among(types),
        )
        stored = by_id(rows)
        created = [save for save in saves if save.device_id not in stored]
        defaults = _default_networks({s.principal for s in created if s.network_id is None})
        untyped = [save.principal for save in created if save.device_type_id is None]
        facts = cls(
            memberships=frozenset(members) | memberships(clients, set(defaults.values())),
            networks=frozenset(id_ for (id_,) in networks),
            device_types=frozenset(id_ for (id_,) in device_types),
            default_networks=defaults,
            lowest_device_type=(
                _lowest_device_type() if any(p.device_type_ids is None for p in untyped) else None
            ),
        )
        return stored, facts

    def belongs(self, principal: Principal, network_id: int) -> bool:
        """Whether the principal may have devices in the network: by its membership in the
        database, and by its token where that lists networks (R-26)."""
        return (
            principal.is_admin or (principal.user_id, network_id) in self.memberships
        ) and _listed(principal.network_ids, network_id)

    def default_device_type(self, principal: Principal) -> int | None:
        if principal.device_type_ids is not None:
            return min(principal.device_type_ids & self.device_types, default=None)
        return self.lowest_device_type if principal.all_device_types else None


def applied(save: "DeviceSave", current: DeviceRow | None, facts: Facts) -> DeviceRow:
    """The row that `save` makes of `current`, or of nothing. Raises Refused."""
    network_id = _network(save, current, facts)
    device_type_id = _device_type(save, current, facts)
    if current is None:
        _check_new(save)
        assert save.name is not None
        return DeviceRow(
            save.device_id,
            save.name,
            save.data,
            network_id,
            device_type_id,
            new_generation(),
            bool(save.is_blocked),
        )
    _check_reachable(save.principal, current, facts)
    if save.name is not None and not 1 <= len(save.name) <= LONGEST_NAME:
        raise DeviceRefusal.NAME_LENGTH()
    return DeviceRow(
        save.device_id,
        current.name if save.name is None else save.name,
        # Otherwise not kept when absent: Go's client leaves out an empty `data`.
        current.data if save.keeps_data else save.data,
        network_id,
        device_type_id,
        current.generation,
        current.is_blocked if save.is_blocked is None else save.is_blocked,
    )


def _network(save: "DeviceSave", current: DeviceRow | None, facts: Facts) -> int:
    """Checks 8a to 8c."""
    if save.network_id is not None:
        if save.network_id not in facts.networks:
            raise ProtocolRefusal.INVALID_PARAMETERS()
        if not facts.belongs(save.principal, save.network_id):
            raise NetworkRefusal.NO_ACCESS()
        return save.network_id
    if current is not None:
        return current.network_id
    default = facts.default_networks.get(save.principal)
    if default is None:
        raise NetworkRefusal.NO_ACCESS()
    return default


def _device_type(save: "DeviceSave", current: DeviceRow | None, facts: Facts) -> int:
    """Checks 9a to 9c."""
    if save.device_type_id is not None:
        if save.device_type_id not in facts.device_types:
            raise ProtocolRefusal.INVALID_PARAMETERS()
        allowed = save.principal.device_type_ids or frozenset()
        if not save.principal.all_device_types and save.device_type_id not in allowed:
            raise DeviceTypeRefusal.NO_ACCESS()
        return save.device_type_id
    if current is not None:
        return current.device_type_id
    default = facts.default_device_type(save.principal)
    if default is None:
        raise DeviceTypeRefusal.NO_ACCESS()
    return default


def _check_new(save: "DeviceSave") -> None:
    """Checks 11c to 13c: all that fail, in one answer."""
    failed = []
    if save.name is None:
        failed.append(DeviceRefusal.NAME_REQUIRED)
    elif not 1 <= len(save.name) <= LONGEST_NAME:
        failed.append(DeviceRefusal.NAME_LENGTH)
    if len(save.device_id) > LONGEST_DEVICE_ID:
        failed.append(DeviceRefusal.ID_LENGTH)
    if failed:
        raise Refused(400, "".join(reason.text for reason in failed))


def _check_reachable(principal: Principal, current: DeviceRow, facts: Facts) -> None:
    """Check 11u, with the token's lists of networks and types (R-26)."""
    if not facts.belongs(principal, current.network_id) or not _listed(
        principal.device_type_ids, current.device_type_id
    ):
        raise DeviceRefusal.NO_ACCESS()


def _listed(ids: frozenset[int] | None, id_: int) -> bool:
    return ids is None or id_ in ids or settings.COMPATIBLE_MODE


def _default_networks(principals: set[Principal]) -> dict[Principal, int]:
    """The lowest of the networks that are both the user's and, where listed, the token's."""
    if not principals:
        return {}
    listed = {p: _limits(p) for p in principals}
    lowest = _lowest_memberships({p.user_id for p, ids in listed.items() if ids is None})
    pairs = memberships(
        {p.user_id for p, ids in listed.items() if ids is not None},
        {id_ for ids in listed.values() for id_ in ids or ()},
    )
    defaults = {
        principal: (
            lowest.get(principal.user_id)
            if ids is None
            else min((id_ for id_ in ids if (principal.user_id, id_) in pairs), default=None)
        )
        for principal, ids in listed.items()
    }
    return {principal: id_ for principal, id_ in defaults.items() if id_ is not None}


def _limits(principal: Principal) -> frozenset[int] | None:
    return None if settings.COMPATIBLE_MODE else principal.network_ids


def _lowest_memberships(users: set[int]) -> dict[int, int]:
    if not users:
        return {}
    grouped = Membership.objects.filter(user_id__in=users).values_list("user_id")
    return dict(grouped.annotate(Min("network_id")))


def _lowest_device_type() -> int | None:
    lowest: int | None = DeviceType.objects.aggregate(lowest=Min("id"))["lowest"]
    return lowest
