"""user/*: accounts (protocol, 5.10.1 to 5.10.7)."""

from devicehive.actions import Caller, Runs, action
from devicehive.errors import required
from devicehive.permissions import Permission
from devicehive.shapes import (
    NULL,
    Body,
    Bool,
    Int,
    Long,
    Obj,
    Params,
    Str,
    check_object,
    object_text,
)
from devices.errors import UserError
from devices.handlers.paging import descending, page
from devices.schemas import UserCreated, UserOut, UserWithNetworks
from devices.services import users


class Filter(Params):
    login: Str | None = None
    login_pattern: Str | None = None
    role: Int | None = None
    status: Int | None = None


class Listing(Filter):
    sort_field: Str | None = None
    sort_order: Str | None = None
    take: Int | None = None
    skip: Int | None = None


@action("user/list", needs=Permission.MANAGE_USER, returns="users")
def list_(caller: Caller, params: Listing) -> list[UserOut]:
    found = users.listed(
        login=params.login,
        login_pattern=params.login_pattern,
        role=params.role,
        status=params.status,
        sort_field=params.sort_field,
        descending=descending(params.sort_order),
    )
    return [UserOut.of(user) for user in page(found, take=params.take, skip=params.skip)]


@action("user/count", needs=Permission.MANAGE_USER, returns="count")
def count(caller: Caller, params: Filter) -> int:
    found = users.listed(
        login=params.login,
        login_pattern=params.login_pattern,
        role=params.role,
        status=params.status,
    )
    return found.count()


class ById(Params):
    user_id: Long | None = None


@action("user/get", needs=Permission.MANAGE_USER, returns="user")
def get(caller: Caller, params: ById) -> UserWithNetworks:
    user_id = required(params.user_id, UserError.ID_REQUIRED)
    return UserWithNetworks.of(users.get(caller.identity, user_id))


@action("user/getCurrent", needs=Permission.GET_CURRENT_USER, returns="current")
def get_current(caller: Caller, params: Params) -> UserWithNetworks:
    return UserWithNetworks.of(users.current(caller.identity))


class Change(Body):
    login: Str | None = None
    password: Str | None = None
    role: Int | None = None
    status: Int | None = None
    data: Obj = NULL
    intro_reviewed: Bool | None = None

    def __post_init__(self) -> None:
        check_object(self.data)


class New(Change):
    all_device_types_available: Bool | None = None


class Insert(Params):
    user: New | None = None


@action("user/insert", needs=Permission.MANAGE_USER, returns="user", runs=Runs.PASSWORDS)
def insert(caller: Caller, params: Insert) -> UserCreated:
    new = required(params.user, UserError.REQUIRED)
    user = users.insert(
        login=new.login,
        password=new.password,
        role=new.role,
        status=new.status,
        data=object_text(new.data),
        intro_reviewed=new.intro_reviewed,
        all_device_types_available=new.all_device_types_available,
    )
    return UserCreated.of(user)


class Update(Params):
    user_id: Long | None = None
    user: Change | None = None


@action("user/update", needs=Permission.MANAGE_USER, runs=Runs.PASSWORDS)
def update(caller: Caller, params: Update) -> None:
    change = required(params.user, UserError.REQUIRED)
    _update(caller, required(params.user_id, UserError.ID_REQUIRED), change)


class UpdateCurrent(Params):
    user: Change | None = None


@action("user/updateCurrent", needs=Permission.UPDATE_CURRENT_USER, runs=Runs.PASSWORDS)
def update_current(caller: Caller, params: UpdateCurrent) -> None:
    _update(caller, caller.identity.user_id, required(params.user, UserError.REQUIRED))


def _update(caller: Caller, user_id: int, change: Change) -> None:
    users.update(
        caller.identity,
        user_id,
        login=change.login,
        password=change.password,
        role=change.role,
        status=change.status,
        data=object_text(change.data),
        intro_reviewed=change.intro_reviewed,
    )


@action("user/delete", needs=Permission.MANAGE_USER)
def delete(caller: Caller, params: ById) -> None:
    users.delete(caller.identity, required(params.user_id, UserError.ID_REQUIRED))
