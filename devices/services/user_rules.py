"""Check a user's members, in the order of the protocol's tables (5.10.4 and 5.10.5)."""

import re

from django.conf import settings

from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Violation, invalid
from devices.models import LOGIN_PATTERN, LONGEST_LOGIN, SHORTEST_LOGIN, User
from devices.refusals import UserRefusal, UserRule
from devices.schemas.limits import LONGEST_PASSWORD, SHORTEST_PASSWORD

HIGHEST_STATUS = 3
# The line breaks that "." does not match in the reference server; in Python, only "\n" is one.
NOT_ONE_LINE = "\n\r\x85\u2028\u2029"
PASSWORD_PATTERN = re.compile(f"[^{NOT_ONE_LINE}]{{{SHORTEST_PASSWORD},{LONGEST_PASSWORD}}}")
HIDDEN = "..."
"""What an answer shows in the place of a password."""


def check_new(
    *, login: str | None, password: str | None, role: int | None, status: int | None
) -> tuple[str, int]:
    """The login, trimmed, and the role, after rows 3 to 10 of `user/insert`. Raises Refused."""
    _check_limits(login=login, password=password, role=role, status=status)
    check_status(status)
    if login is None:
        raise invalid(Violation("login", None, UserRule.LOGIN_REQUIRED))
    if role is None:
        raise UserRefusal.ROLE()
    login = login.strip()
    _check_login_is_free(login)
    check_password(password or "")
    check_login(login)
    return login, role


def check_change(
    principal: Principal,
    user_id: int,
    *,
    login: str | None,
    password: str | None,
    role: int | None,
    status: int | None,
) -> None:
    """Make the checks of rows 5 to 10 of `user/update`. Raises Refused."""
    if not principal.is_admin:
        privileged = not (login is None and role is None and status is None)
        # R-24; in compatible mode a client may give others a password.
        foreign = user_id != principal.user_id and not settings.COMPATIBLE_MODE
        if privileged or foreign:
            raise UserRefusal.ADMIN_REQUIRED()
    if login is not None:
        _check_login_is_free(login, but_for=user_id)
    if password is not None:
        check_password(password)
    check_role(role)
    check_status(status)
    if login is not None:
        check_login(login)


def check_administers(principal: Principal | None, role: int) -> None:
    """Raises Refused if someone else than an administrator makes or deletes one (R-43); None is the
    server itself."""
    if settings.COMPATIBLE_MODE or principal is None or principal.is_admin:
        return
    if role == User.Role.ADMIN:
        raise UserRefusal.ADMIN_REQUIRED()


def check_login(login: str) -> None:
    if not SHORTEST_LOGIN <= len(login) <= LONGEST_LOGIN:
        raise UserRefusal.LOGIN_LENGTH()
    if not re.match(LOGIN_PATTERN, login):
        raise UserRefusal.LOGIN_CHARACTERS()


def check_password(password: str) -> None:
    """6 to 128 characters on one line."""
    if not PASSWORD_PATTERN.fullmatch(password):
        raise UserRefusal.PASSWORD_LENGTH()


def check_role(role: int | None) -> None:
    if role is not None and role not in User.Role:
        raise UserRefusal.ROLE()


def check_status(status: int | None) -> None:
    if status is not None and status not in User.Status:
        raise UserRefusal.STATUS()


def _check_login_is_free(login: str, *, but_for: int | None = None) -> None:
    """Refuse a taken login here for the order of the checks; the database settles races."""
    holder = User.objects.filter(login=login).values_list("pk", flat=True).first()
    if holder is not None and holder != but_for:
        raise UserRefusal.LOGIN_TAKEN()


def _check_limits(
    *, login: str | None, password: str | None, role: int | None, status: int | None
) -> None:
    """Make the checks of row 3 of `user/insert`; one answer names all that is wrong."""
    broken = []
    if role is not None and role not in User.Role:
        rule = UserRule.ROLE_BELOW if role < 0 else UserRule.ROLE_ABOVE
        broken.append(Violation("role", role, rule))
    # A status of 3 is within these limits, and refused by the next check.
    if status is not None and not 0 <= status <= HIGHEST_STATUS:
        rule = UserRule.STATUS_BELOW if status < 0 else UserRule.STATUS_ABOVE
        broken.append(Violation("status", status, rule))
    if login is not None and not 1 <= len(login) <= LONGEST_LOGIN:
        broken.append(Violation("login", login, UserRule.LOGIN_LENGTH))
    if password is not None and len(password) > LONGEST_PASSWORD:
        broken.append(Violation("password", HIDDEN, UserRule.PASSWORD_LENGTH))
    if broken:
        raise invalid(*broken)
