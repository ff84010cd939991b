"""Devices as rows: reading and writing hundreds at once, without a model instance for each."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from devices.models import Device
from devices.statements import Insert, Select


class DeviceRow(NamedTuple):
    """A device as it is stored."""

    id: str
    name: str
    data: str | None
    network_id: int
    device_type_id: int
    is_blocked: bool


COLUMNS = DeviceRow._fields

# In key order, as they are written: processes that lock in one order cannot deadlock.
_LOCKED = Select(
    lambda: (
        Device.objects.select_for_update().filter(id__among="").order_by("id").values_list(*COLUMNS)
    )
)
_INSERT = Insert(Device, COLUMNS)
_REPLACE = Insert(Device, COLUMNS, replacing=["id"])


def locked(device_ids: Iterable[str]) -> dict[str, DeviceRow]:
    """The stored rows of these devices, locked until the transaction ends."""
    # SQLite has 0 and 1 for booleans.
    return {
        row[0]: DeviceRow._make((*row[:-1], bool(row[-1]))) for row in _LOCKED.fetch(device_ids)
    }


def insert(rows: Sequence[DeviceRow]) -> None:
    """Raises IntegrityError if one of them exists: it then needs the checks of an update."""
    _INSERT.execute(rows)


def replace(rows: Sequence[DeviceRow]) -> None:
    """Overwrite rows that exist and are locked."""
    _REPLACE.execute(rows)
