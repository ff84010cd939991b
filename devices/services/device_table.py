"""Devices as rows: reading and writing hundreds at once, without a model instance for each."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from devicehive.orm.compiled import Insert, Select
from devices.models import Device


class DeviceRow(NamedTuple):
    """A device as it is stored."""

    id: str
    name: str
    data: str | None
    network_id: int
    device_type_id: int
    generation: int
    is_blocked: bool


COLUMNS = DeviceRow._fields

# In key order, as they are written: processes that lock in one order cannot deadlock.
LOCKED = Select(
    lambda: (
        Device.objects.select_for_update().filter(id__among="").order_by("id").values_list(*COLUMNS)
    )
)
INSERT = Insert(Device, COLUMNS)
"""Raises IntegrityError if one exists: it then needs the checks of an update."""
REPLACE = Insert(Device, COLUMNS, replacing=["id"])


def by_id(rows: Iterable[tuple[Any, ...]]) -> dict[str, DeviceRow]:
    """The rows of LOCKED. SQLite has 0 and 1 for booleans."""
    return {row[0]: DeviceRow._make((*row[:-1], bool(row[-1]))) for row in rows}
