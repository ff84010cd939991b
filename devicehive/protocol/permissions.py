"""Permissions of tokens, and the principal that is made from a token.

The ids and names of permissions are those in tokens and in `token/create` (protocol, 2.7).
"""

from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache

from django.db.models import Q

from devicehive.protocol.claims import ClaimsSet
from devicehive.protocol.refusals import ProtocolRefusal


class Permission(IntEnum):
    ANY = 0
    NONE = 1
    GET_NETWORK = 2
    GET_DEVICE = 3
    GET_DEVICE_NOTIFICATION = 4
    GET_DEVICE_COMMAND = 5
    REGISTER_DEVICE = 6
    CREATE_DEVICE_COMMAND = 7
    UPDATE_DEVICE_COMMAND = 8
    CREATE_DEVICE_NOTIFICATION = 9
    GET_CURRENT_USER = 10
    UPDATE_CURRENT_USER = 11
    MANAGE_USER = 12
    MANAGE_CONFIGURATION = 13
    MANAGE_NETWORK = 14
    MANAGE_TOKEN = 15
    MANAGE_PLUGIN = 16
    GET_DEVICE_TYPE = 17
    MANAGE_DEVICE_TYPE = 18

    @property
    def wire_name(self) -> str:
        """The name in `actions`, such as `GetDevice`; `*` for ANY. NONE has an id but no name."""
        return "*" if self is Permission.ANY else self.name.title().replace("_", "")


ADMIN_ONLY = frozenset(
    {
        Permission.MANAGE_USER,
        Permission.MANAGE_CONFIGURATION,
        Permission.MANAGE_NETWORK,
        Permission.MANAGE_DEVICE_TYPE,
    }
)
ALL = frozenset(Permission) - {Permission.ANY, Permission.NONE}
CLIENT = ALL - ADMIN_ONLY

BY_NAME = {
    permission.wire_name.lower(): permission
    for permission in Permission
    if permission is not Permission.NONE
}


@lru_cache(maxsize=64)  # Most tokens have one of few sets; to make that of a client takes 4 µs.
def granted(ids: tuple[int, ...] | None) -> frozenset[Permission]:
    """The permissions of a token's `a` claim: 0 means all, an empty list means CLIENT (2.1).

    Raises ValueError for an id that is not a permission.
    """
    if ids is None:
        return frozenset()
    permissions = frozenset(Permission(each) for each in ids)
    if Permission.ANY in permissions:
        return ALL
    return permissions or CLIENT


@dataclass(frozen=True, slots=True)
class Limit:
    """The networks, or the device types, that a token gives access to (2.5): all of them, those
    that it lists, or none if it has no such claim.

    A token without the claim excludes no id, but gives access to nothing either: a token reaches a
    visible device (3.2) only if its limit `opens` something, too.
    """

    is_everything: bool = False
    ids: frozenset[int] | None = None
    """The listed ids. None for everything, and for a token without the claim."""

    @property
    def opens(self) -> bool:
        """Whether the token gives access to anything at all."""
        return self.is_everything or bool(self.ids)

    def allows(self, id_: int) -> bool:
        """Whether the token gives access to this id (3.1, steps 3 to 5)."""
        return self.is_everything or (self.ids is not None and id_ in self.ids)

    def excludes(self, id_: int) -> bool:
        """Whether the token has a list without this id (3.2)."""
        return self.ids is not None and id_ not in self.ids

    def q(self, column: str) -> Q:
        """The condition for rows that the limit does not exclude; `column` has the id."""
        return Q() if self.ids is None else Q(**{f"{column}__in": self.ids})

    def only(self, column: str) -> dict[str, object]:
        """The same condition as `q`, as keyword arguments of `Filtered.filter`."""
        if self.ids is None:
            return {}
        # Only for a plain equality does PostgreSQL conclude that joined tables have the same value.
        # With an array of one id, it would sort all devices of a network for a page of them.
        if len(self.ids) == 1:
            (only,) = self.ids
            return {column: only}
        return {f"{column}__among": self.ids}


NO_LIMIT = Limit(is_everything=True)
UNLISTED = Limit()
"""The limit of a token without the claim."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a request, by the token and by the user as it was last looked up (R-43)."""

    user_id: int
    is_admin: bool
    permissions: frozenset[Permission]
    networks: Limit = UNLISTED
    device_types: Limit = UNLISTED
    claims: ClaimsSet | None = field(default=None, compare=False)
    """The claims of the token; None in the admin and in commands, which use no token."""

    @property
    def opens_everything(self) -> bool:
        return self.networks.is_everything and self.device_types.is_everything

    @property
    def opens_devices(self) -> bool:
        """Whether the token gives access to any networks and any device types."""
        return self.networks.opens and self.device_types.opens


def require(principal: Principal, permissions: frozenset[Permission]) -> None:
    """Raise Refused unless the principal has one of `permissions`: step 2 of the gate (3.1)."""
    if principal.permissions.isdisjoint(permissions):
        raise ProtocolRefusal.ACCESS_DENIED()
