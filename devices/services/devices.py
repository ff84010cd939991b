"""Save, list and delete devices, for sockets, REST, the admin and commands alike."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from django.db import transaction

from devicehive.events import fanout
from devicehive.orm.changes import Change, ChangeKind
from devicehive.orm.dialects import Statement
from devicehive.orm.filtered import Filtered
from devicehive.orm.transactions import Done, commit_together, judge_each
from devicehive.protocol.actions import Unread
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import Refused
from devices import signals
from devices.models import Device, Notification
from devices.refusals import DeviceRefusal
from devices.schemas.device import DeviceFilter
from devices.services import access, device_table, events, notifications
from devices.services.blocking import check_not_blocked
from devices.services.device_get import DeviceGet
from devices.services.device_save import DeviceSave
from devices.services.save_context import look_up
from devices.services.save_notifications import notify_of_saves
from devices.services.save_rules import apply


def save(request: DeviceSave) -> None:
    """Register or update one device. Raises Refused."""
    (refused,) = save_many([request])
    if refused:
        raise refused


def check_save(request: DeviceSave) -> None:
    """Make the checks of `save` and write nothing. Locks the device. Raises Refused."""
    locked, context = look_up([request])
    _, stored = locked.first([request.device_id])
    apply(request, stored.get(request.device_id), context)


def save_many(requests: Sequence[DeviceSave]) -> list[Refused | None]:
    """Register or update devices in one transaction and tell subscribers. Returns a result for
    each, or only for the first of them, if the stored devices are too long for one transaction."""
    return commit_together(_save, requests)


def save_all(requests: Sequence[DeviceSave]) -> list[Refused | None]:
    """Do what `save_many` does, in as many transactions as it takes; a result for each."""
    results: list[Refused | None] = []
    while len(results) < len(requests):
        results += save_many(requests[len(results) :])
    return results


def _save(requests: Sequence[DeviceSave]) -> Done[None]:
    locked, context = look_up(requests)
    count, stored = locked.first([request.device_id for request in requests])
    rows = dict(stored)
    results: list[Refused | None] = []
    saved: list[tuple[Device, bool]] = []
    savers: dict[str, Principal] = {}
    for request in requests[:count]:
        current = rows.get(request.device_id)
        try:
            row = apply(request, current, context)
        except Refused as refused:
            results.append(refused)
            continue
        results.append(None)
        if row is not current:  # Otherwise nothing changes, and nobody is told.
            rows[request.device_id] = row
            savers[request.device_id] = request.principal
            saved.append((row, current is None))
    return results, write(stored, rows, notify_of_saves(saved), by=savers)


def write(
    stored: Mapping[str, Device],
    rows: Mapping[str, Device],
    saves: Sequence[Notification],
    *,
    by: Mapping[str, Principal],
) -> list[Statement | None]:
    """Statements that turn the locked `stored` devices into `rows`; also tells of their saves.

    The signal tells of a device once, even if it was saved twice; `by` has who saved it last.
    """
    fanout.publish(map(events.of_notification, saves))
    if signals.devices_changed.receivers:
        signals.devices_changed.tell(list(_changes(stored, rows, by)))
    return [*_writes(stored, rows), notifications.INSERT_NOTIFICATIONS.of(saves)]


def _changes(
    stored: Mapping[str, Device], rows: Mapping[str, Device], by: Mapping[str, Principal]
) -> Iterator[Change[Device]]:
    for id_, row in rows.items():
        if id_ not in stored:
            yield Change(ChangeKind.CREATED, row, by[id_])
        elif row is not stored[id_]:
            yield Change(ChangeKind.CHANGED, row, by[id_])


def _writes(stored: Mapping[str, Device], rows: Mapping[str, Device]) -> Iterator[Statement | None]:
    yield device_table.INSERT_DEVICES.of([rows[id_] for id_ in sorted(rows.keys() - stored.keys())])
    both = [(stored[id_], rows[id_]) for id_ in sorted(stored)]
    yield from device_table.replace((old, new) for old, new in both if new is not old)


def get_many(requests: Sequence[DeviceGet]) -> list[Device | Unread | Refused]:
    """The device of each request, or why it is refused. Takes one query, and one more if a device
    is missing or long. A long device is returned as `Unread`, to be read alone."""
    short = access.load_short(requests)
    missing = [request for request in requests if request.device_id not in short.devices]
    long = access.locate(missing).devices if missing else {}

    def reach(request: DeviceGet) -> Device | Unread:
        if request.device_id in long:
            return Unread(partial(_get_long, request))
        return short.reach(request)

    return judge_each(reach, requests)


def _get_long(request: DeviceGet) -> Device:
    return access.load([request]).reach(request)


def get(principal: Principal, device_id: str) -> Device:
    """Raises Refused if there is no such device that the principal can see."""
    request = DeviceGet(principal, device_id)
    device = access.load([request]).visible(request)
    if device is None:
        raise DeviceRefusal.NOT_FOUND(device_id)
    return device


SORTED_BY = {"name": ("name", "id"), "network": ("network_id", "id")}
SORTED_BY_NAMES = {
    "name": ("name", "id"),
    "network": ("network__name", "id"),
    "devicetype": ("device_type__name", "id"),
    "status": ("id",),
}
"""The fields that REST can sort by (REST 2.4); `status` no longer exists."""


def find(principal: Principal, wanted: DeviceFilter) -> Filtered[Device]:
    """The devices of `device/list` and `device/count`, in no order (5.4.2)."""
    devices = access.accessible_devices(principal)
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
    """Raises Refused if there is no such device that the principal can see (R-09)."""
    visible = access.visible_devices(principal).filter(id=device_id)
    with transaction.atomic():
        device = Device.objects.filter(id__in=visible.values("id")).select_for_update().first()
        if device is None:
            raise DeviceRefusal.NOT_FOUND(device_id)
        check_not_blocked(principal, device)
        device.delete()
