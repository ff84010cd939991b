"""Many devices at once: block, move and delete what a person selected, be it 100,000."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from devicehive.errors import ProtocolError
from devicehive.permissions import Principal
from devices.errors import NetworkError
from devices.models import Device, Network
from devices.querysets import DeviceQuerySet

BATCH_SIZE = 1_000
"""Rows written in one transaction: what a save that arrives meanwhile waits for."""


def set_blocked(principal: Principal, devices: DeviceQuerySet, blocked: bool) -> int:
    """Block or unblock; returns how many were not so before."""
    other = devices.visible_to(principal).exclude(is_blocked=blocked)
    return _in_batches(other, lambda rows: rows.update(is_blocked=blocked))


def move(principal: Principal, devices: DeviceQuerySet, network_id: int) -> int:
    """Move to a network; returns how many were elsewhere before. Raises Refused."""
    if not Network.objects.visible_to(principal).filter(id=network_id).exists():
        raise NetworkError.NO_ACCESS()
    other = devices.visible_to(principal).exclude(network_id=network_id)
    try:
        return _in_batches(other, lambda rows: rows.update(network_id=network_id))
    except IntegrityError:
        # Deleted since we looked; no device of this batch has moved, and none can.
        raise ProtocolError.INVALID_PARAMETERS() from None


def delete(principal: Principal, devices: DeviceQuerySet) -> int:
    """Returns how many there were."""
    return _in_batches(devices.visible_to(principal), lambda rows: rows.delete()[0])


def lock(devices: QuerySet[Device]) -> list[str]:
    """Lock the rows until the transaction ends, in key order as saves do, so that neither can
    deadlock with the other; returns the ids of those that are still there."""
    rows = Device.objects.select_for_update().filter(id__in=devices.order_by().values("id"))
    return list(rows.order_by("id").values_list("id", flat=True))


def _in_batches(devices: QuerySet[Device], write: Callable[[QuerySet[Device]], int]) -> int:
    ids = list(devices.order_by("id").values_list("id", flat=True))
    written = 0
    for start in range(0, len(ids), BATCH_SIZE):
        with transaction.atomic():
            batch = lock(Device.objects.filter(id__in=ids[start : start + BATCH_SIZE]))
            written += write(Device.objects.filter(id__in=batch))
    return written
