"""The table of devices: reading and writing hundreds at once."""

from collections.abc import Iterable, Iterator
from operator import attrgetter

from django.db.models import Case, F, Q, When
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThan, LessThanOrEqual

from devicehive.orm.compiled import InsertRows, Select
from devicehive.orm.dialects import Rows, Statement
from devicehive.orm.records import column_names, indexed_columns, read_records
from devices.models import Device

SHORT_DATA = 4_096
"""The longest `data`, in characters, of a device that is read together with many others."""

SHORT = Select(
    lambda ids: (
        Device.objects.filter(id__among=ids)
        .filter(Q(data=None) | Q(LessThanOrEqual(Length("data"), SHORT_DATA)))
        .values_list(*column_names(Device))
    )
)
"""Reads devices whose `data` is short, and leaves out the others."""
UNLOCKED = Select(
    lambda ids: Device.objects.filter(id__among=ids).values_list(*column_names(Device))
)
_short_data = Case(When(GreaterThan(Length("data"), SHORT_DATA), then=None), default=F("data"))
# In key order, in which they are written too: processes that lock in one order cannot deadlock.
LOCKED = Select(
    lambda ids: (
        Device.objects.select_for_update()
        .filter(id__among=ids)
        .order_by("id")
        .values_list(
            *[_short_data if name == "data" else name for name in column_names(Device)],
            Length("data"),
        )
    )
)
"""Locks devices and reads them, long ones without their `data`. The last column is the length of
`data` in characters."""
INSERT_DEVICES = InsertRows(Device)
"""Raises IntegrityError if a device exists: its save then needs the checks of an update."""
_REPLACE = InsertRows(Device, replacing=["id"])
# SQLite writes the indexes of all columns that a statement names, changed or not (ADR 37).
_REPLACE_UNINDEXED = InsertRows(Device, replacing=["id"], keeping=indexed_columns(Device))
_indexed = attrgetter(*indexed_columns(Device))


def by_id(rows: Rows) -> dict[str, Device]:
    """The devices in the rows of one of these statements, by id."""
    return {device.id: device for device in read_records(Device, rows)}


def replace(changes: Iterable[tuple[Device, Device]]) -> Iterator[Statement | None]:
    """Statements that overwrite devices; `changes` are pairs of the stored and the new device."""
    moved: list[Device] = []
    kept: list[Device] = []
    for stored, device in changes:
        (kept if _indexed(stored) == _indexed(device) else moved).append(device)
    yield _REPLACE.of(moved)
    yield _REPLACE_UNINDEXED.of(kept)
