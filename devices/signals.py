"""Signals of changes of the registry, for other apps: see docs/for-django-developers.md.

Each sends `changes`, after the commit. Log-ins, failed or not, do not count as changes of a user,
nor do memberships, for which there is Django's `m2m_changed`.
"""

from devicehive.orm.changes import Change, ChangeKind, ChangeSignal
from devices.models import Configuration, Device, DeviceType, Network, User

__all__ = [
    "Change",
    "ChangeKind",
    "configuration_changed",
    "device_types_changed",
    "devices_changed",
    "networks_changed",
    "users_changed",
]

devices_changed = ChangeSignal(Device)
networks_changed = ChangeSignal(Network)
device_types_changed = ChangeSignal(DeviceType)
users_changed = ChangeSignal(User, but_for=("last_login",))
configuration_changed = ChangeSignal(Configuration)
