"""Users: passwords, log-ins and their statistics (protocol, 2.4)."""

import re
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from devices.errors import UserError
from devices.models import Network, User

MOST_LOGIN_ATTEMPTS = 10
LAST_LOGIN_TIMEOUT = timedelta(milliseconds=1000)
"""`lastLogin` is not written again within this time."""
PASSWORD_PATTERN = re.compile(r".{6,128}")
SAMPLE_NETWORK = 1


def check_password_rule(password: str) -> None:
    """Raises Refused for a password that is not 6 to 128 characters on one line."""
    if not PASSWORD_PATTERN.fullmatch(password):
        raise UserError.PASSWORD_LENGTH()


def set_password(user: User, password: str) -> None:
    """Hash a new password into `user`, unsaved. Raises Refused."""
    check_password_rule(password)
    user.password = make_password(password)


def password_matches(user: User, password: str) -> bool:
    """Check a log-in and count it: a failure towards the lock-out, a success as `lastLogin`."""
    if check_password(password, user.password):
        record_login(user)
        return True
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(login_attempts=F("login_attempts") + 1)
        User.objects.filter(pk=user.pk, login_attempts__gte=MOST_LOGIN_ATTEMPTS).update(
            status=User.Status.LOCKED_OUT, login_attempts=0
        )
    return False


def record_login(user: User) -> None:
    now = timezone.now()
    recent = user.last_login is not None and now - user.last_login < LAST_LOGIN_TIMEOUT
    if recent and user.login_attempts == 0:
        return
    last_login = user.last_login if recent else now
    User.objects.filter(pk=user.pk).update(login_attempts=0, last_login=last_login)


def create_administrator(login: str, password: str) -> User:
    """An active administrator, in the sample network if that is still there.

    The network is what new devices of an administrator go to when a save names none. Raises
    Refused for the password, ValidationError for the login.
    """
    user = User(login=login, role=User.Role.ADMIN)
    set_password(user, password)
    user.full_clean()
    with transaction.atomic():
        user.save()
        user.networks.set(Network.objects.filter(id=SAMPLE_NETWORK))
    return user


def readmit(user: User, password: str) -> None:
    """Give `user` a new password and make it active. Raises Refused."""
    set_password(user, password)
    user.status = User.Status.ACTIVE
    user.login_attempts = 0
    user.save(update_fields=["password", "status", "login_attempts"])
