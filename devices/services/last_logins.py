"""Write `lastLogin`, and reset the failures of users who log in (protocol, 2.4). For users who
authenticate with a token, the writer thread does it later, for many at once: nobody waits for it.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from threading import Lock

from django.db import transaction
from django.utils import timezone

from devicehive.orm.compiled import many
from devicehive.serving import database
from devices.models import User
from devices.services import configuration

TIMEOUT = 1000
"""Milliseconds in which `lastLogin` is not written again; see `user.login.lastTimeout`."""

_lock = Lock()
_due: set[int] = set()
"""Users who have authenticated, and whose `lastLogin` is not written yet."""


def record(user: User) -> None:
    """Note that the user logs in now."""
    if _unwritten([user]):
        _write([user.pk])


def record_later(users: Iterable[User]) -> None:
    """Note the log-ins of many users, to be written after they are answered."""
    unwritten = _unwritten(users)
    if not unwritten:
        return
    with _lock:
        is_first = not _due
        _due.update(unwritten)
    if is_first:
        database.write_later(_write_due)


def _unwritten(users: Iterable[User]) -> set[int]:
    """The users whose row the log-in has to change."""
    milliseconds = configuration.read_number("user.login.lastTimeout", TIMEOUT, least=0)
    timeout, now = timedelta(milliseconds=milliseconds), timezone.now()
    return {
        user.pk
        for user in users
        if user.login_attempts or user.last_login is None or now - user.last_login >= timeout
    }


def _write_due() -> None:
    with _lock:
        user_ids = set(_due)
        _due.clear()
    _write(user_ids)


@transaction.atomic  # Or PostgreSQL has nothing to lock for.
def _write(user_ids: Collection[int]) -> None:
    # In key order, so that processes that write the same users cannot deadlock.
    ordered = User.objects.select_for_update().filter(pk__among=many(user_ids)).order_by("pk")
    User.objects.filter(pk__in=ordered.values("pk")).update(
        login_attempts=0, last_login=timezone.now()
    )
