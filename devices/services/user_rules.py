"""The rules of a user's members, in the order of the protocol's tables (5.10.4 and 5.10.5)."""

import re

from django.conf import settings

from devicehive.errors import Violation, invalid
from devicehive.permissions import Principal
from devices.errors import UserError
from devices.models import LOGIN_PATTERN, LONGEST_LOGIN, SHORTEST_LOGIN, User

LONGEST_PASSWORD = 128
PASSWORD_PATTERN = re.compile(r".{6,128}")
LOGIN_REQUIRED = "login field cannot be null."
LOGIN_LENGTH = (
    "Field login cannot be empty. The length of login should not be more than 128 symbols."
)
PASSWORD_LENGTH = "The length of password should not be more than 128 symbols."  # noqa: S105  # no password
HIDDEN = "..."
"""What an answer shows of a password."""


def check_new(
    *, login: str | None, password: str | None, role: int | None, status: int | None
) -> tuple[str, int]:
    """Rows 3 to 10 of `user/insert`: the login, trimmed, and the role. Raises Refused."""
    _check_limits(login=login, password=password, role=role, status=status)
    check_status(status)
    if login is None:
        raise invalid(Violation("login", None, LOGIN_REQUIRED))
    if role is None:
        raise UserError.ROLE()
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
    """Rows 5 to 10 of `user/update`. Raises Refused."""
    if not principal.is_admin:
        privileged = not (login is None and role is None and status is None)
        # R-24; in compatible mode a client may give others a password.
        foreign = user_id != principal.user_id and not settings.COMPATIBLE_MODE
        if privileged or foreign:
            raise UserError.ADMIN_REQUIRED()
    if login is not None:
        _check_login_is_free(login, but_for=user_id)
    if password is not None:
        check_password(password)
    check_role(role)
    check_status(status)
    if login is not None:
        check_login(login)


def check_login(login: str) -> None:
    if not SHORTEST_LOGIN <= len(login) <= LONGEST_LOGIN:
        raise UserError.LOGIN_LENGTH()
    if not re.match(LOGIN_PATTERN, login):
        raise UserError.LOGIN_CHARACTERS()


def check_password(password: str) -> None:
    """6 to 128 characters on one line."""
    if not PASSWORD_PATTERN.fullmatch(password):
        raise UserError.PASSWORD_LENGTH()


def check_role(role: int | None) -> None:
    if role is not None and role not in User.Role:
        raise UserError.ROLE()


def check_status(status: int | None) -> None:
    if status is not None and status not in User.Status:
        raise UserError.STATUS()


def _check_login_is_free(login: str, *, but_for: int | None = None) -> None:
    """For the order of the answers; between two at the same moment the database decides."""
    holder = User.objects.filter(login=login).values_list("pk", flat=True).first()
    if holder is not None and holder != but_for:
        raise UserError.LOGIN_TAKEN()


def _check_limits(
    *, login: str | None, password: str | None, role: int | None, status: int | None
) -> None:
    """Row 3 of `user/insert`: all that is wrong, in one answer."""
    broken = [*_beyond("role", role, most=1), *_beyond("status", status, most=3)]
    if login is not None and not 1 <= len(login) <= LONGEST_LOGIN:
        broken.append(Violation("login", login, LOGIN_LENGTH))
    if password is not None and len(password) > LONGEST_PASSWORD:
        broken.append(Violation("password", HIDDEN, PASSWORD_LENGTH))
    if broken:
        raise invalid(*broken)


def _beyond(member: str, value: int | None, *, most: int) -> list[Violation]:
    if value is None or 0 <= value <= most:
        return []
    limit = "less than 0" if value < 0 else f"more than {most}"
    return [Violation(member, value, f"The value of {member} should not be {limit}.")]
