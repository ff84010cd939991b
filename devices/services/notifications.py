"""Notifications of devices (protocol, 5.6)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec
from django.db.models import QuerySet

from devicehive.events import fanout
from devicehive.orm.compiled import Insert, Statement, execute
from devicehive.orm.transactions import commit_together, judge_each
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devicehive.protocol.timestamps import now, timestamp_text
from devices.models import Device, Notification
from devices.refusals import DeviceRefusal, NotificationRefusal
from devices.schemas.columns import column_text, raw, text_of
from devices.schemas.device import DeviceOut
from devices.schemas.notification import NotificationOut, StoredNotification
from devices.services import access, events
from devices.services.access import DeviceAccess
from devices.services.device_table import DeviceRow

DEVICE_ADDED = "$device-add"
DEVICE_UPDATED = "$device-update"


class NotificationRow(NamedTuple):
    number: int
    device_id: str
    generation: int
    network_id: int | None
    device_type_id: int | None
    timestamp: str
    parameters: str | None
    stored_at: str
    origin: int | None
    notification: str


_INSERT = Insert(Notification, NotificationRow._fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationInsert:
    """A `notification/insert` by `principal`."""

    principal: Principal
    device_id: str
    notification: str
    timestamp: datetime | None = None
    parameters: str | None = None


def insert_many(requests: Sequence[NotificationInsert]) -> list[NotificationOut | Refused]:
    """Store notifications in one transaction and tell their subscribers; a result for each."""
    return commit_together(_insert, requests)


def _insert(requests: Sequence[NotificationInsert]) -> list[NotificationOut | Refused]:
    reach = DeviceAccess.of(requests)
    results = judge_each(lambda request: _new(request, reach), requests)
    inserted = [each for each in results if not isinstance(each, Refused)]
    execute(insert_of(inserted))
    tell(inserted)
    return [each if isinstance(each, Refused) else each.out for each in results]


def _new(request: NotificationInsert, reach: DeviceAccess) -> StoredNotification:
    location = reach.location(request)
    if request.notification in (DEVICE_ADDED, DEVICE_UPDATED):
        raise NotificationRefusal.RESERVED()
    notification = NotificationOut(
        number(),
        request.notification,
        request.device_id,
        location.network_id,
        location.device_type_id,
        timestamp_text(request.timestamp or now()),
        raw(request.parameters),
    )
    return StoredNotification(notification, location.generation, now(), fanout.origin())


def insert_of(notifications: Sequence[StoredNotification]) -> Statement | None:
    """What writes these notifications."""
    return _INSERT.of(
        [
            NotificationRow(
                each.id,
                each.device_id,
                generation,
                each.network_id,
                each.device_type_id,
                column_text(each.timestamp),
                text_of(each.parameters),
                column_text(timestamp_text(stored_at)),
                origin,
                each.notification,
            )
            for each, generation, stored_at, origin in notifications
        ]
    )


def tell(notifications: Sequence[StoredNotification]) -> None:
    """Publish written notifications when the transaction commits."""
    fanout.publish(map(events.of_notification, notifications))


def of_device_save(row: DeviceRow, *, is_new: bool) -> StoredNotification:
    """What a save tells: the device as it is now. It names neither network nor type, and so is
    delivered to subscriptions without any limit only (5.4.5)."""
    notification = NotificationOut(
        number(),
        DEVICE_ADDED if is_new else DEVICE_UPDATED,
        row.id,
        None,
        None,
        timestamp_text(now()),
        msgspec.Raw(msgspec.json.encode(DeviceOut.of(row))),
    )
    return StoredNotification(notification, row.generation, now(), fanout.origin())


def number() -> int:
    """A random id: 31 bits, as clients expect. The database refuses one that is taken."""
    return secrets.randbits(31)


def get(principal: Principal, device_id: str, number: int) -> Notification:
    """Raises Refused: device unknown 404, device invisible 403, notification unknown 404."""
    found = of_device(principal, device_id).filter(number=number).first()
    if found is None:
        raise NotificationRefusal.NOT_FOUND()
    return found


def of_device(principal: Principal, device_id: str) -> QuerySet[Notification]:
    """All notifications of a device. Raises Refused as `get`."""
    device = access.accessible_devices(principal).filter(id=device_id).first()
    if device is not None:
        return Notification.objects.filter(device_id=device_id, generation=device.generation)
    # 404 for an unknown device even for clients, 403 for one they cannot see.
    if Device.objects.filter(id=device_id).exists():
        raise ProtocolRefusal.ACCESS_DENIED()
    raise DeviceRefusal.NOT_FOUND(device_id)
