"""Which devices a principal can reach, asked for many requests at once.

For one request the gate (`devices.handlers.gate`) and `visible_to` say the same in SQL; a test
holds the two to each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from devicehive.orm.compiled import Select, execute
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal
from devices.models import Device
from devices.refusals import DeviceRefusal
from devices.services.memberships import IN_NETWORKS_OR_OF_DEVICES


class ToDevice(Protocol):
    """A request that names a device."""

    @property
    def principal(self) -> Principal: ...
    @property
    def device_id(self) -> str: ...


_PLACES = Select(
    lambda: Device.objects.filter(id__among="").values_list(
        "id", "network_id", "device_type_id", "generation"
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a device is, and which of those that had its id it is."""

    network_id: int
    device_type_id: int
    generation: int


@dataclass(frozen=True, slots=True)
class Reach:
    places: Mapping[str, Place]
    memberships: frozenset[tuple[int, int]]

    @classmethod
    def of(cls, requests: Sequence[ToDevice]) -> Self:
        ids = {request.device_id for request in requests}
        clients = {r.principal.user_id for r in requests if not r.principal.is_admin}
        rows, members = execute(
            _PLACES.among(ids), IN_NETWORKS_OR_OF_DEVICES.among(clients, (), ids)
        )
        places = {id_: Place(*place) for id_, *place in rows}
        return cls(places, frozenset((user, network) for user, network in members))

    def place(self, request: ToDevice) -> Place:
        """Where the device of a request is. Raises Refused: 403 by the gate (3.1, step 5), 404
        for a token that opens everything (3.4)."""
        principal, place = request.principal, self.places.get(request.device_id)
        if place is not None and self._visible(principal, place) and _opens(principal):
            return place
        if principal.all_networks and principal.all_device_types:
            raise DeviceRefusal.NOT_FOUND(request.device_id)
        raise ProtocolRefusal.ACCESS_DENIED()

    def _visible(self, principal: Principal, place: Place) -> bool:
        return (
            (principal.is_admin or (principal.user_id, place.network_id) in self.memberships)
            and (principal.network_ids is None or place.network_id in principal.network_ids)
            and (
                principal.device_type_ids is None
                or place.device_type_id in principal.device_type_ids
            )
        )


def _opens(principal: Principal) -> bool:
    """Whether the token opens any network and any type at all."""
    return bool(
        (principal.all_networks or principal.network_ids)
        and (principal.all_device_types or principal.device_type_ids)
    )
