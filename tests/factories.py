"""Records for tests, with as little said as possible."""

from typing import Any

from django.contrib.auth.hashers import make_password

from devices.models import User

PASSWORD = "secret phrase"
DEVICE_MEMBERS = ("id", "name", "data", "network_id", "device_type_id", "is_blocked")
"""The columns of a device that a save decides: all but its generation."""
# Hashed once: a hash takes as long as many tests.
_HASH = make_password(PASSWORD)


def make_user(login: str, **members: Any) -> User:
    """A client with PASSWORD, unless `members` say otherwise."""
    return User.objects.create(login=login, password=_HASH, **members)
