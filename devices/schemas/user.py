"""Users on the wire (protocol, 4.4)."""

from typing import Self

import msgspec

from devicehive.protocol.bodies import Params
from devicehive.protocol.shapes import Str
from devicehive.protocol.timestamps import TimestampText, timestamp_text
from devices.models import User
from devices.schemas.group import GroupOut
from devices.schemas.limits import Role, Status


class UserFilter(Params):
    """Which users are asked for: those that match all; a pattern replaces the login (5.10.1)."""

    login: Str | None = None
    login_pattern: Str | None = None
    role: Role | None = None
    status: Status | None = None


class UserOut(msgspec.Struct, rename="camel"):
    """A user as `user/list` has it (4.4)."""

    id: int
    login: str
    role: int
    status: int
    last_login: TimestampText | None
    data: msgspec.Raw | None
    intro_reviewed: bool
    all_device_types_available: bool

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(
            user.pk,
            user.login,
            user.role,
            user.status,
            None if user.last_login is None else timestamp_text(user.last_login),
            None if user.data is None else msgspec.Raw(user.data),
            user.intro_reviewed,
            user.all_device_types_available,
        )


class UserWithNetworks(UserOut):
    networks: list[GroupOut] = []

    @classmethod
    def of(cls, user: User) -> Self:
        out = super().of(user)
        out.networks = [GroupOut.of(network) for network in user.networks.order_by("id")]
        return out


class UserCreated(msgspec.Struct, rename="camel"):
    """The answer to `user/insert`, from which clients fill in the rest themselves (4.4)."""

    id: int
    last_login: TimestampText | None
    data: msgspec.Raw | None
    intro_reviewed: bool
    all_device_types_available: bool

    @classmethod
    def of(cls, user: User) -> Self:
        out = UserOut.of(user)
        return cls(
            out.id, out.last_login, out.data, out.intro_reviewed, out.all_device_types_available
        )
