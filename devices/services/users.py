"""Users: accounts, passwords, log-ins and their statistics (protocol, 2.4 and 5.10)."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from devicehive.log.lines import beside
from devicehive.protocol.permissions import Principal
from devices.models import SAMPLE_NETWORK, Network, User
from devices.refusals import StrangerRefusal, UserRefusal
from devices.schemas.user import UserFilter
from devices.services import access_changes, revocation, user_rules
from devices.signals import users_changed

logger = logging.getLogger(__name__)

SORTED_BY = {"id": ("id",), "login": ("login",)}


def get(principal: Principal, user_id: int) -> User:
    """Only administrators see other users (5.10.2, R-23), except in `user/list`. Raises Refused."""
    if not principal.is_admin and user_id != principal.user_id:
        raise StrangerRefusal.NOT_FOUND(user_id)
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UserRefusal.NOT_FOUND(user_id)
    return user


def check_known(user_id: int) -> None:
    """Raises Refused if there is no user with this id, visible or not."""
    if not User.objects.filter(pk=user_id).exists():
        raise UserRefusal.NOT_FOUND(user_id)


def current(principal: Principal) -> User:
    """The principal's own record. Raises Refused if it was deleted meanwhile."""
    user = User.objects.filter(pk=principal.user_id).first()
    if user is None:
        raise UserRefusal.CURRENT_GONE()
    return user


def login_of(principal: Principal) -> str:
    """The principal's login, or a replacement if the user was deleted meanwhile."""
    login = User.objects.filter(pk=principal.user_id).values_list("login", flat=True).first()
    return login or f"user {principal.user_id}, deleted"


def find(wanted: UserFilter) -> QuerySet[User]:
    """The users of `user/list` and `user/count`, in no order (5.10.1)."""
    login = wanted.login if wanted.login_pattern is None else None
    filters = {
        "login": login,
        "login__like": wanted.login_pattern,
        "role": wanted.role,
        "status": wanted.status,
    }
    return User.objects.filter(**_given(filters))


def insert(
    *,
    login: str | None,
    password: str | None,
    role: int | None,
    status: int | None = None,
    data: str | None = None,
    intro_reviewed: bool | None = None,
    all_device_types_available: bool | None = None,
    networks: Iterable[Network] = (),
    by: Principal | None = None,
    hashed: str | None = None,
) -> User:
    """Create a user (5.10.4) who is a member of `networks`. Hashes the password, unless `hashed` is
    given. Raises Refused, also if `by` is no administrator but the new user is one (R-43)."""
    login, role = user_rules.check_new(login=login, password=password, role=role, status=status)
    user_rules.check_administers(by, role)
    optional = {
        "status": status,
        "data": data,
        "intro_reviewed": intro_reviewed,
        "all_device_types_available": all_device_types_available,
    }
    # Hashed before the transaction: SQLite lets nothing else write while one is open.
    stored = hashed or make_password(password)
    user = User(login=login, role=role, password=stored, **_given(optional))
    with transaction.atomic():
        with _unique_login():
            user.save(force_insert=True)
        user.networks.add(*networks)
    return user


def update(
    principal: Principal,
    user_id: int,
    *,
    login: str | None = None,
    password: str | None = None,
    role: int | None = None,
    status: int | None = None,
    data: str | None = None,
    intro_reviewed: bool | None = None,
    hashed: str | None = None,
) -> None:
    """Change the given members, and always `data`; an empty password counts as absent (5.10.5).

    Hashes a new password, unless `hashed` is given. Raises Refused.
    """
    check_known(user_id)
    login = None if login is None else login.strip()
    password = password or None
    user_rules.check_change(
        principal, user_id, login=login, password=password, role=role, status=status
    )
    optional = {
        "login": login,
        "password": password and (hashed or make_password(password)),
        "role": role,
        "status": status,
        "intro_reviewed": intro_reviewed,
    }
    with _unique_login():
        # Locked, because the old role decides whether the user's tokens are revoked.
        user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
        if user is None:
            raise UserRefusal.NOT_FOUND(user_id)
        User.objects.filter(pk=user_id).update(data=data, **_given(optional))
        if password or (user.is_admin and role == User.Role.CLIENT):
            _end_tokens(principal, user_id)
        elif role is not None or status is not None:
            access_changes.record([user_id])
        users_changed.tell_update(user_id)


def _end_tokens(principal: Principal, user_id: int) -> None:
    """Revoke all tokens of a user, except the current one of a principal that changes itself."""
    is_own = user_id == principal.user_id
    revocation.end_tokens(user_id, kept=principal.claims if is_own else None)


def delete(principal: Principal, user_id: int) -> None:
    """Raises Refused for an unknown user, and for the principal's own."""
    if user_id == principal.user_id:
        raise UserRefusal.DELETES_ITSELF()
    with transaction.atomic():
        # Locked, so that nobody assigns the user a network while its memberships are deleted.
        user = User.objects.select_for_update().filter(pk=user_id).first()
        if user is None:
            raise UserRefusal.NOT_FOUND(user_id)
        user_rules.check_administers(principal, user.role)
        user.delete()
        access_changes.record([user_id])


def create_administrator(login: str, password: str) -> User:
    """Create an active administrator, who is a member of the sample network if it still exists.

    An administrator's new devices go to this network if a save names none. Raises Refused.
    """
    networks = Network.objects.filter(id=SAMPLE_NETWORK)
    return insert(login=login, password=password, role=User.Role.ADMIN, networks=networks)


def set_password(user: User, password: str) -> None:
    """Hash a new password and set it on `user` without saving. Raises Refused."""
    user_rules.check_password(password)
    user.password = make_password(password)


def readmit(user: User, password: str) -> None:
    """Give `user` a new password and make it active; revokes its tokens. Raises Refused."""
    set_password(user, password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        revocation.end_tokens(user.pk)
    unlock(user)


def unlock(user: User) -> None:
    """Make `user` active, and forget its failed log-ins, in every process."""
    user.status = User.Status.ACTIVE
    user.login_attempts = 0
    with transaction.atomic():
        user.save(update_fields=["status", "login_attempts"])
        access_changes.record([user.pk])


def count_failure(user: User, *, free: int) -> None:
    """Count a wrong password, and lock the user out after `free` of them, as the reference does
    (2.4)."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(login_attempts=F("login_attempts") + 1)
        # Only if it is still active: a user who was disabled meanwhile stays disabled.
        reached = User.objects.filter(
            pk=user.pk, status=User.Status.ACTIVE, login_attempts__gte=free
        )
        if reached.update(status=User.Status.LOCKED_OUT, login_attempts=0):
            access_changes.record([user.pk])
            logger.warning("locked out", extra=beside(user=user.pk, login=user.login))


@contextmanager
def _unique_login() -> Iterator[None]:
    """Refuse a login that another user has taken at the same moment, which the unique index shows.

    No other constraint can be violated here: the rules have checked the rest.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise UserRefusal.LOGIN_TAKEN() from None


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
