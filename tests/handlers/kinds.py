"""Networks and device types, for tests that apply to both."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from devices.models import DeviceType, Network, User
from tests.conftest import Connection, connected


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What differs: how the actions call it, and which permissions and claim it is about."""

    action: str
    member: str
    members: str
    noun: str
    model: type[Network] | type[DeviceType]
    fixture: str
    taken: str
    """The name of one that is there from the start, with the id 1 or 2."""
    reads: int
    manages: int
    claim: str

    def __str__(self) -> str:
        return self.action

    def create(self, names: Iterable[str]) -> None:
        """Store one of each name."""
        model: Any = self.model
        model.objects.bulk_create(model(name=name) for name in names)

    def id(self, value: object) -> dict[str, object]:
        """The member of a request that names one."""
        return {f"{self.member}Id": value}

    def body(self, value: object) -> dict[str, object]:
        """The member of a request or an answer that holds one."""
        return {self.member: value}

    def limited(self, user: User, *ids: int, **claims: tuple[Any, ...]) -> Connection:
        """A connection of `user` whose token lists these of the kind only."""
        if self.claim == "dt":
            # The list is void for a user with all types.
            User.objects.update(all_device_types_available=False)
            user.refresh_from_db()
        return connected(user, **{self.claim: tuple(map(str, ids))}, **claims)


NETWORKS = Kind(
    action="network",
    member="network",
    members="networks",
    noun="Network",
    model=Network,
    fixture="network",
    taken="Sample Network",
    reads=2,
    manages=14,
    claim="n",
)
DEVICE_TYPES = Kind(
    action="devicetype",
    member="deviceType",
    members="deviceTypes",
    noun="Device type",
    model=DeviceType,
    fixture="device_type",
    taken="Cameras",
    reads=17,
    manages=18,
    claim="dt",
)
OTHER = {NETWORKS: DEVICE_TYPES, DEVICE_TYPES: NETWORKS}
