"""Create records for tests, with defaults for everything."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.hashers import make_password

from devicehive.protocol.permissions import Limit, Principal
from devices.models import User
from devices.services.standing import unlimited

PASSWORD = "secret phrase"
DEVICE_MEMBERS = ("id", "name", "data", "network_id", "device_type_id", "is_blocked")
"""The columns of a device that a save decides: all but its generation."""
# Hashed once: a hash takes as long as many tests.
_HASH = make_password(PASSWORD)


def make_user(login: str, **members: Any) -> User:
    """A client with PASSWORD, unless `members` say otherwise."""
    return User.objects.create(login=login, password=_HASH, **members)


def client_within(user: User, *networks: int) -> Principal:
    """The principal of a client whose token lists these networks, as that of a log-in does."""
    return replace(unlimited(user), networks=Limit(ids=frozenset(networks)))
