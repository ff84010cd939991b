"""user/*: users (protocol, 5.10.1 to 5.10.7)."""

from functools import partial
from typing import Annotated, ClassVar

from msgspec import Meta

from devicehive.protocol import calls
from devicehive.protocol.actions import Caller, Runs, action
from devicehive.protocol.bodies import Body, CheckedLater, Needed, Params
from devicehive.protocol.permissions import Permission
from devicehive.protocol.refusals import LaterRefusal
from devicehive.protocol.shapes import NULL, Bool, Long, Obj, Str, object_text
from devices.handlers import gate
from devices.handlers.paging import LIST_ERRORS, page
from devices.refusals import UserRefusal, UserRule
from devices.schemas.limits import Login, Password, Role, Skip, SortOrder, Status, Take
from devices.schemas.user import UserCreated, UserFilter, UserOut, UserWithNetworks
from devices.services import logins, users


class Listing(UserFilter):
    sort_field: Annotated[Str, Meta(extra_json_schema={"enum": [*users.SORTED_BY]})] | None = None
    sort_order: SortOrder | None = None
    take: Take | None = None
    skip: Skip | None = None


@action("user/list", needs=Permission.MANAGE_USER, returns="users", errors=LIST_ERRORS)
def list_(caller: Caller, params: Listing) -> list[UserOut]:
    """The users that match all filters; `loginPattern` takes precedence over `login`."""
    return UserOut.of_all(page(users.find(params), users.SORTED_BY, params))


@action("user/count", needs=Permission.MANAGE_USER, returns="count")
def count(caller: Caller, params: UserFilter) -> int:
    """How many users `user/list` would show in all."""
    return users.find(params).count()


class ById(Params):
    user_id: Needed[Long, UserRefusal.ID_REQUIRED]


@action(
    "user/get",
    needs=Permission.MANAGE_USER,
    returns="user",
    errors=(UserRefusal.NOT_FOUND,),
)
def get(caller: Caller, params: ById) -> UserWithNetworks:
    """One user with its networks. Clients can see only themselves."""
    return UserWithNetworks.of(users.get(caller.identity, params.user_id))


@action(
    "user/getCurrent",
    needs=Permission.GET_CURRENT_USER,
    returns="current",
    errors=(UserRefusal.CURRENT_GONE,),
)
def get_current(caller: Caller, params: Params) -> UserWithNetworks:
    """The caller, with its networks."""
    return UserWithNetworks.of(users.current(caller.identity))


MEMBER_ERRORS = (
    UserRefusal.LOGIN_LENGTH,
    UserRefusal.LOGIN_CHARACTERS,
    UserRefusal.LOGIN_TAKEN,
    UserRefusal.PASSWORD_LENGTH,
    UserRefusal.ROLE,
    UserRefusal.STATUS,
)


class UserChange(Body):
    published: ClassVar = "UserUpdate"

    login: Login | None = None
    password: Password | None = None
    role: Role | None = None
    status: Status | None = None
    data: Obj = NULL
    intro_reviewed: Bool | None = None


class NewUser(UserChange):
    login: CheckedLater[Login] = None
    password: CheckedLater[Password] = None
    role: CheckedLater[Role] = None
    all_device_types_available: Bool | None = None


class Insert(Params):
    user: Needed[NewUser, UserRefusal.REQUIRED]


@action(
    "user/insert",
    standing=gate.renew,
    needs=Permission.MANAGE_USER,
    returns="user",
    runs=Runs.AWAITED,
    errors=(
        *MEMBER_ERRORS,
        UserRefusal.ADMIN_REQUIRED,
        LaterRefusal.TOO_MANY_ATTEMPTS,
        *UserRule,
    ),
)
async def insert(caller: Caller, params: Insert) -> UserCreated:
    """Create a user. A client can save devices once it is a member of a network."""
    new = params.user
    service = partial(
        users.insert,
        login=new.login,
        password=new.password,
        role=new.role,
        status=new.status,
        data=object_text(new.data),
        intro_reviewed=new.intro_reviewed,
        all_device_types_available=new.all_device_types_available,
        by=caller.identity,
        hashed=await logins.hash_password(caller, new.password),
    )
    return UserCreated.of(await calls.call_for(caller, service))


CHANGE_ERRORS = (
    UserRefusal.NOT_FOUND,
    UserRefusal.ADMIN_REQUIRED,
    LaterRefusal.TOO_MANY_ATTEMPTS,
    *MEMBER_ERRORS,
)


class Update(Params):
    user: Needed[UserChange, UserRefusal.REQUIRED]
    user_id: Needed[Long, UserRefusal.ID_REQUIRED]


@action(
    "user/update",
    standing=gate.renew,
    needs=Permission.MANAGE_USER,
    runs=Runs.AWAITED,
    errors=CHANGE_ERRORS,
)
async def update(caller: Caller, params: Update) -> None:
    """Change the given members. `data` always changes: if it is absent, it is cleared.

    A new password, or a change from administrator to client, revokes all tokens of the user, except
    the one that makes this request. An active `status` unlocks the user.
    """
    await _update(caller, params.user_id, params.user)


class UpdateCurrent(Params):
    user: Needed[UserChange, UserRefusal.REQUIRED]


@action(
    "user/updateCurrent",
    standing=gate.renew,
    needs=Permission.UPDATE_CURRENT_USER,
    runs=Runs.AWAITED,
    errors=CHANGE_ERRORS,
)
async def update_current(caller: Caller, params: UpdateCurrent) -> None:
    """Do what `user/update` does, for the caller. Clients may not give a login, role or status."""
    await _update(caller, caller.identity.user_id, params.user)


async def _update(caller: Caller, user_id: int, change: UserChange) -> None:
    service = partial(
        users.update,
        caller.identity,
        user_id,
        login=change.login,
        password=change.password,
        role=change.role,
        status=change.status,
        data=object_text(change.data),
        intro_reviewed=change.intro_reviewed,
        hashed=await logins.hash_password(caller, change.password),
    )
    await calls.call_for(caller, service)


@action(
    "user/delete",
    standing=gate.renew,
    needs=Permission.MANAGE_USER,
    errors=(UserRefusal.NOT_FOUND, UserRefusal.DELETES_ITSELF, UserRefusal.ADMIN_REQUIRED),
)
def delete(caller: Caller, params: ById) -> None:
    """Delete a user, but not the caller. Its networks and devices stay."""
    users.delete(caller.identity, params.user_id)
