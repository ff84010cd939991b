"""Block, move and delete the devices that a person selected, even 100,000 of them.

Each change is a save: it stores a notification, and subscribers are told.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from devicehive.orm.compiled import execute
from devicehive.orm.records import change_record
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal
from devices.models import Device
from devices.refusals import NetworkRefusal
from devices.services import access, device_table, devices
from devices.services.locked_devices import LockedDevices
from devices.services.save_notifications import notify_of_saves

BATCH_SIZE = 1_000
"""Rows written in one transaction. A save that arrives meanwhile waits for it."""


def set_blocked(principal: Principal, selected: QuerySet[Device], blocked: bool) -> int:
    """Block or unblock devices; returns how many of them changed."""
    return _save_in_batches(
        principal,
        access.visible_devices(principal, selected).exclude(is_blocked=blocked),
        is_blocked=blocked,
    )


def move(principal: Principal, selected: QuerySet[Device], network_id: int) -> int:
    """Move devices to a network; returns how many were in another one. Raises Refused."""
    if not access.visible_networks(principal).filter(id=network_id).exists():
        raise NetworkRefusal.NO_ACCESS()
    other = access.visible_devices(principal, selected).exclude(network_id=network_id)
    try:
        return _save_in_batches(principal, other, network_id=network_id)
    except IntegrityError:
        # The network was deleted meanwhile; no device of this batch has moved, and none can.
        raise ProtocolRefusal.INVALID_PARAMETERS() from None


def delete(principal: Principal, selected: QuerySet[Device]) -> int:
    """Returns how many there were."""
    deleted = 0
    for ids in _batches(access.visible_devices(principal, selected)):
        batch = Device.objects.filter(id__in=ids)
        with transaction.atomic():
            # Saves lock in key order too, so that the two cannot deadlock.
            list(batch.select_for_update().order_by("id").values_list("id"))
            deleted += batch.delete()[0]
    return deleted


def _save_in_batches(principal: Principal, selected: QuerySet[Device], **changed: object) -> int:
    """Save these values into the selected devices; returns how many had other values."""
    saved = 0
    for ids in _batches(selected):
        while ids:
            with transaction.atomic():
                count, different = _save(principal, ids, changed)
            saved += different
            ids = ids[count:]
    return saved


def _save(principal: Principal, ids: list[str], changed: Mapping[str, Any]) -> tuple[int, int]:
    """Save as many of the devices, from the first on, as fit into one transaction, which is not all
    if their `data` is long. Returns how many were handled, and how many had other values."""
    (locked,) = execute(device_table.LOCKED.among(ids))
    count, stored = LockedDevices(locked).first(ids)
    rows = {id_: change_record(row, changed) for id_, row in stored.items()}
    # Someone else may have set these values since the devices were selected.
    different = [row for id_, row in rows.items() if row is not stored[id_]]
    saves = notify_of_saves([(row, False) for row in different])
    execute(*devices.write(stored, rows, saves, by=dict.fromkeys(rows, principal)))
    return count, len(different)


def _batches(selected: QuerySet[Device]) -> Iterator[list[str]]:
    ids = list(selected.order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), BATCH_SIZE):
        yield ids[start : start + BATCH_SIZE]
