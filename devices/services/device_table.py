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
"""Characters of `data` with which a device is read together with many others."""

SHORT = Select(
    lambda ids: (
        Device.objects.filter(id__among=ids)
        .filter(Q(data=None) | Q(LessThanOrEqual(Length("data"), SHORT_DATA)))
        .values_list(*column_names(Device))
    )
)
"""Those that are short. The others are not here."""
UNLOCKED = Select(
    lambda ids: Device.objects.filter(id__among=ids).values_list(*column_names(Device))
)
_short_data = Case(When(GreaterThan(Length("data"), SHORT_DATA), then=None), default=F("data"))
# In key order, as they are written: processes that lock in one order cannot deadlock.
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
"""Those that are long without their data. In a last column, how many characters it has."""
INSERT_DEVICES = InsertRows(Device)
"""Raises IntegrityError if one exists: it then needs the checks of an update."""
_REPLACE = InsertRows(Device, replacing=["id"])
# SQLite writes the indexes of all columns that a statement names, changed or not (ADR 37).
_REPLACE_UNINDEXED = InsertRows(Device, replacing=["id"], keeping=indexed_columns(Device))
_indexed = attrgetter(*indexed_columns(Device))


def by_id(rows: Rows) -> dict[str, Device]:
    """The devices that one of these has read."""
    return {device.id: device for device in read_records(Device, rows)}


def replace(changes: Iterable[tuple[Device, Device]]) -> Iterator[Statement | None]:
    """Overwrites devices: each as it is stored, and as it is to be."""
    moved: list[Device] = []
    kept: list[Device] = []
    for stored, device in changes:
        (kept if _indexed(stored) == _indexed(device) else moved).append(device)
    yield _REPLACE.of(moved)
    yield _REPLACE_UNINDEXED.of(kept)
