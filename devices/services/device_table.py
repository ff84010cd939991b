"""The table of devices: reading and writing hundreds at once."""

from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from devicehive.orm.compiled import InsertRows, Select
from devicehive.orm.dialects import Rows
from devicehive.orm.records import column_names, read_records
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
# In key order, as they are written: processes that lock in one order cannot deadlock.
LOCKED = Select(
    lambda ids: (
        Device.objects.select_for_update()
        .filter(id__among=ids)
        .order_by("id")
        .values_list(*column_names(Device))
    )
)
INSERT_DEVICES = InsertRows(Device)
"""Raises IntegrityError if one exists: it then needs the checks of an update."""
REPLACE = InsertRows(Device, replacing=["id"])


def by_id(rows: Rows) -> dict[str, Device]:
    """The devices that one of these has read."""
    return {device.id: device for device in read_records(Device, rows)}
