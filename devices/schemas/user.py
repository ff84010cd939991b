"""Users on the wire (protocol, 4.4)."""

from typing import ClassVar, Self

import msgspec

from devicehive.protocol.bodies import Params
from devicehive.protocol.columns import Out
from devicehive.protocol.shapes import Str
from devicehive.protocol.timestamps import TimestampText
from devices.models import User
from devices.schemas.group import NetworkOut
from devices.schemas.limits import Role, Status


class UserFilter(Params):
    """The filters of lists of users, all of which must match; a pattern replaces the login
    (5.10.1)."""

    login: Str | None = None
    login_pattern: Str | None = None
    role: Role | None = None
    status: Status | None = None


class UserOut(Out):
    """A user in `user/list` (4.4)."""

    published: ClassVar = "User"

    id: int
    login: str
    role: int
    status: int
    last_login: TimestampText | None
    data: msgspec.Raw | None
    intro_reviewed: bool
    all_device_types_available: bool


class UserWithNetworks(UserOut):
    networks: list[NetworkOut] = []

    @classmethod
    def of(cls, record: object) -> Self:
        assert isinstance(record, User)
        out = super().of(record)
        out.networks = NetworkOut.of_all(record.networks.order_by("id"))
        return out


class UserCreated(Out):
    """The answer to `user/insert`, from which clients fill in the rest themselves (4.4)."""

    id: int
    last_login: TimestampText | None
    data: msgspec.Raw | None
    intro_reviewed: bool
    all_device_types_available: bool
