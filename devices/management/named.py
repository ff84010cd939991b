"""Find the records that arguments of commands name."""

from typing import TypeVar

from django.core.management.base import CommandError

from devices.models import DeviceType, Network, User

G = TypeVar("G", Network, DeviceType)


def user(login: str) -> User:
    found = User.objects.filter(login=login).first()
    if found is None:
        raise CommandError(f"there is no user with the login {login}")
    return found


def find_named(model: type[G], name_or_id: str) -> G:
    """The network or device type with this name, or with this id if it is all digits."""
    by_id = name_or_id.isdecimal()
    key = {"pk": int(name_or_id)} if by_id else {"name": name_or_id}
    found = model.objects.filter(**key).first()
    if found is None:
        what = f"{model._meta.verbose_name} with the {'id' if by_id else 'name'} {name_or_id}"
        raise CommandError(f"there is no {what}")
    return found
