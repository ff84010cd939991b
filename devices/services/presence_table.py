"""Write rows of the presence table, hundreds at once, and tell subscribers of each change."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import transaction

from devicehive.events import fanout
from devicehive.orm.compiled import InsertRows, Select, execute
from devicehive.orm.records import change_record, column_names, make_record, read_records
from devicehive.protocol.timestamps import now
from devices.models import Attachment, Device, Presence
from devices.services.presence_events import of_presence

Judge = Callable[[Presence, datetime], Mapping[str, Any]]
"""Returns the columns of a row that change at a moment; if it sets `change`, this is told."""

# In key order, in which they are written too: processes that lock in one order cannot deadlock.
_LOCKED = Select(
    lambda ids: (
        Presence.objects.select_for_update()
        .filter(device__among=ids)
        .order_by("device_id")
        .values_list(*column_names(Presence))
    )
)
_DEVICES = Select(
    lambda ids: Device.objects.filter(id__among=ids).values_list(
        "id", "generation", "network_id", "device_type_id"
    )
)
_ATTACHED = Select(
    lambda ids: Attachment.objects.filter(device_id__among=ids).values_list("device_id", flat=True)
)
_ADD = InsertRows(Presence, leaving=True)
_REPLACE = InsertRows(Presence, replacing=["device_id"])


@transaction.atomic
def rewrite(ids: Collection[str], judge: Judge) -> None:
    """Change the rows of devices as `judge` says, and set whether any process has them."""
    devices = _read_devices(ids)
    rows = _lock(devices.values())
    connected = {id_ for (id_,) in execute(_ATTACHED.among(devices))[0]}
    moment, written = now(), []
    for id_, row in rows.items():
        columns = {**judge(row, moment), **_connect_or_disconnect(row, id_ in connected, moment)}
        if "change" in columns:
            columns |= {"stored_at": moment, "origin": fanout.origin()}
        revised = change_record(row, columns)
        if revised is not row:
            written.append(revised)
    execute(_REPLACE.of(written))
    told = [each for each in written if each.stored_at == moment]
    fanout.publish(of_presence(each, devices[each.device_id]) for each in told)


def _connect_or_disconnect(
    row: Presence, is_connected: bool, moment: datetime
) -> Mapping[str, Any]:
    if is_connected == row.is_connected:
        return {}
    change = Presence.Change.CONNECTED if is_connected else Presence.Change.DISCONNECTED
    return {"is_connected": is_connected, "since": moment, "change": change.value}


def _read_devices(ids: Collection[str]) -> dict[str, Device]:
    """The network, type and generation of the devices that exist."""
    names = ("id", "generation", "network_id", "device_type_id")
    rows = execute(_DEVICES.among(ids))[0]
    return {row[0]: make_record(Device, dict(zip(names, row, strict=True))) for row in rows}


def _lock(devices: Collection[Device]) -> dict[str, Presence]:
    """Lock and return the rows of devices, in key order; creates rows that are missing."""
    ids = [device.id for device in devices]
    (rows,) = execute(_LOCKED.among(ids))
    if len(rows) < len(ids):
        # Create rows to lock: two processes may hear from a new device at the same time.
        known = {row[0] for row in rows}
        _add(each for each in devices if each.id not in known)
        (rows,) = execute(_LOCKED.among(ids))
    generations = {device.id: device.generation for device in devices}
    found = read_records(Presence, rows)
    return {each.device_id: _of(each, generations[each.device_id]) for each in found}


def _add(devices: Iterable[Device]) -> None:
    ordered = sorted(devices, key=attrgetter("id"))
    execute(_ADD.of([_empty(each.id, each.generation) for each in ordered]))


def _of(row: Presence, generation: int) -> Presence:
    """The row, or an empty one if it is about an earlier device with the same id."""
    if row.generation == generation:
        return row
    return _empty(row.device_id, generation)


def _empty(device_id: str, generation: int) -> Presence:
    return make_record(Presence, {"device_id": device_id, "generation": generation})
