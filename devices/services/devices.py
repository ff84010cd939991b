"""Devices: one way to save, list and delete them, for sockets, admin and commands alike."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from django.db.models import QuerySet

from devicehive.orm.compiled import Statement, execute
from devicehive.orm.transactions import commit_together
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refused
from devicehive.protocol.shapes import object_text
from devices.models import DEVICE_ID_PATTERN, Device
from devices.refusals import DeviceRefusal
from devices.schemas.device import DeviceBody, DeviceFilter
from devices.schemas.notification import StoredNotification
from devices.services import device_table, notifications
from devices.services.device_table import DeviceRow
from devices.services.save_rules import Facts, applied


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSave:
    """A `device/save` by `principal`; None is "not given" for every member (5.4.5)."""

    principal: Principal
    device_id: str
    name: str | None = None
    data: str | None = None
    network_id: int | None = None
    device_type_id: int | None = None
    is_blocked: bool | None = None
    keeps_data: bool = False
    """On the wire, absent data is no data (5.4.5); a file without data says nothing of it."""

    @classmethod
    def of(cls, principal: Principal, device_id: str, device: DeviceBody | None) -> Self:
        """Checks 6 and 7; those that need the database come when it is saved. Raises Refused."""
        if not re.match(DEVICE_ID_PATTERN, device_id):
            raise DeviceRefusal.ID_CHARACTERS()
        if device is None:
            raise DeviceRefusal.EMPTY()
        return cls(
            principal=principal,
            device_id=device_id,
            name=device.name,
            data=object_text(device.data),
            network_id=device.network_id,
            device_type_id=device.device_type_id,
            is_blocked=device.is_blocked,
        )


def save(request: DeviceSave) -> None:
    """Register or update one device. Raises Refused."""
    (refused,) = save_many([request])
    if refused:
        raise refused


def save_many(requests: Sequence[DeviceSave]) -> list[Refused | None]:
    """Register or update devices in one transaction and tell subscribers; a result for each."""
    return commit_together(_save, requests)


def _save(requests: Sequence[DeviceSave]) -> list[Refused | None]:
    stored, facts = Facts.ask(requests)
    rows = dict(stored)
    results: list[Refused | None] = []
    saved: list[StoredNotification] = []
    for request in requests:
        current = rows.get(request.device_id)
        try:
            row = applied(request, current, facts)
        except Refused as refused:
            results.append(refused)
            continue
        rows[request.device_id] = row
        saved.append(notifications.of_device_save(row, is_new=current is None))
        results.append(None)
    write(stored, rows, saved)
    return results


def write(
    stored: Mapping[str, DeviceRow],
    rows: Mapping[str, DeviceRow],
    saves: Sequence[StoredNotification],
) -> None:
    """Make of the locked `stored` devices the `rows`, and tell of the saves that did it."""
    execute(*_writes(stored, rows), notifications.insert_of(saves))
    notifications.tell(saves)


def _writes(
    stored: Mapping[str, DeviceRow], rows: Mapping[str, DeviceRow]
) -> Iterator[Statement | None]:
    yield device_table.INSERT.of([rows[id_] for id_ in sorted(rows.keys() - stored.keys())])
    # A save that changes nothing writes nothing; devices repeat theirs at every start.
    changed = [rows[id_] for id_ in sorted(stored) if rows[id_] != stored[id_]]
    yield device_table.REPLACE.of(changed)


def get(principal: Principal, device_id: str) -> Device:
    """Raises Refused when there is no such device that the principal can see."""
    device = Device.objects.visible_to(principal).filter(id=device_id).first()
    if device is None:
        raise DeviceRefusal.NOT_FOUND(device_id)
    return device


SORTED_BY = {"name": ("name", "id"), "network": ("network_id", "id")}


def find(principal: Principal, wanted: DeviceFilter) -> QuerySet[Device]:
    """The devices of `device/list` and `device/count`, in no order (5.4.2)."""
    devices = Device.objects.listed_for(principal)
    if wanted.name is not None:
        devices = devices.filter(name=wanted.name)
    if wanted.name_pattern is not None:
        devices = devices.filter(name__like=wanted.name_pattern)
    if wanted.network_id is not None:
        devices = devices.filter(network_id=wanted.network_id)
    if wanted.network_name is not None:
        devices = devices.filter(network__name=wanted.network_name)
    return devices


def delete(principal: Principal, device_id: str) -> None:
    """Raises Refused when there is no such device that the principal can see (R-09)."""
    deleted, _ = Device.objects.filter(
        id__in=Device.objects.visible_to(principal).filter(id=device_id).values("id")
    ).delete()
    if not deleted:
        raise DeviceRefusal.NOT_FOUND(device_id)
