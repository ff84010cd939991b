"""Configuration: named values, some of which the server reads when it needs them (4.7)."""

import re

from django.conf import settings
from django.db import connection

from devicehive.orm.changes import Change, ChangeKind
from devicehive.orm.compiled import Select, execute
from devicehive.protocol.actor import ACTOR
from devicehive.protocol.refusals import Violation, invalid
from devices.models import (
    LONGEST_CONFIGURATION_NAME,
    LONGEST_CONFIGURATION_VALUE,
    Configuration,
)
from devices.refusals import ConfigurationRefusal, ConfigurationRule
from devices.signals import configuration_changed

_VALUES = Select(lambda names: Configuration.objects.filter(name__among=names).values_list("value"))
SECRET_ENTRY = "jwt.secret"  # noqa: S105  # the name of an entry that we refuse to have
PUT = """
    INSERT INTO devices_configuration (name, value, entity_version) VALUES (%s, %s, 0)
    ON CONFLICT (name) DO {} RETURNING id, entity_version
"""
REPLACE = PUT.format(
    "UPDATE SET value = excluded.value, entity_version = devices_configuration.entity_version + 1"
)
ADD = PUT.format("NOTHING")


def get(name: str) -> Configuration:
    """The entry, which for `jwt.secret` exists in compatible mode only (R-28). Raises Refused."""
    if name == SECRET_ENTRY and settings.COMPATIBLE_MODE:
        return Configuration(name=name, value=settings.JWT_SECRET)
    entry = Configuration.objects.filter(name=name).first()
    if entry is None:
        raise ConfigurationRefusal.NOT_FOUND(name)
    return entry


def put(name: str, value: str | None, *, only_new: bool = False) -> Configuration:
    """Create or replace an entry; a new one has version 0. With `only_new`, which the admin's form
    for a new entry sets, an existing entry is refused. Raises Refused.

    This is one statement, because puts and deletes of the same name may arrive together, and
    because the ORM's upsert cannot increment the version.
    """
    checked = check_entry(name, value)
    with connection.cursor() as cursor:
        cursor.execute(ADD if only_new else REPLACE, [name, checked])
        stored = cursor.fetchone()
    if stored is None:
        raise ConfigurationRefusal.NAME_TAKEN()
    id_, version = stored
    entry = Configuration(id=id_, name=name, value=checked, entity_version=version)
    if configuration_changed.receivers:
        kind = ChangeKind.CHANGED if version else ChangeKind.CREATED
        configuration_changed.tell([Change(kind, entry, ACTOR.get())])
    return entry


def delete(name: str) -> None:
    """Raises Refused when there is no such entry."""
    deleted, _ = Configuration.objects.filter(name=name).delete()
    if not deleted:
        raise ConfigurationRefusal.NOT_FOUND(name)


def read_number(name: str, default: int, *, least: int) -> int:
    """The current value of an entry, or `default` if there is none or it is invalid."""
    (rows,) = execute(_VALUES.among([name]))
    return number_of(rows[0][0] if rows else None, default, least=least)


def number_of(value: str | None, default: int, *, least: int) -> int:
    """The number in the value of an entry, or `default` if it is invalid or below `least`."""
    if value is None or not re.fullmatch(r"[0-9]{1,15}", value, re.ASCII):
        return default
    return int(value) if int(value) >= least else default


def check_entry(name: str, value: str | None) -> str:
    """The value, if an entry may have this name and value. Raises Refused."""
    check_name(name)
    if value is None:
        raise invalid(Violation("value", None, ConfigurationRule.VALUE_REQUIRED))
    if not 1 <= len(value) <= LONGEST_CONFIGURATION_VALUE:
        raise invalid(Violation("value", value, ConfigurationRule.VALUE_LENGTH))
    return value


def check_new(name: str) -> None:
    """Raises Refused if there is an entry with this name, as `put` does with `only_new`."""
    if Configuration.objects.filter(name=name).exists():
        raise ConfigurationRefusal.NAME_TAKEN()


def check_name(name: str) -> None:
    """Raises Refused unless an entry may have this name."""
    if not 1 <= len(name) <= LONGEST_CONFIGURATION_NAME:
        raise ConfigurationRefusal.NAME_LENGTH()
    if name == SECRET_ENTRY:
        # Stored, it would look like the signing secret, but have no effect.
        raise ConfigurationRefusal.NAME_REQUIRED()
