"""Notifications of devices (protocol, 5.6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Q

from devicehive.events import fanout
from devicehive.orm.compiled import InsertRows
from devicehive.orm.filtered import Filtered
from devicehive.orm.records import make_record
from devicehive.orm.transactions import Done, commit_together, judge_each
from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devicehive.protocol.timestamps import now
from devices.models import Notification
from devices.models.messages import BY_A_DEVICE, OF_A_SAVE
from devices.refusals import DeviceRefusal, NotificationRefusal
from devices.schemas.notification import NotificationBody
from devices.services import events
from devices.services.access import DeviceAccess, Location, locate
from devices.services.blocking import check_not_blocked
from devices.services.device_get import DeviceGet
from devices.services.messages import new_message

DEVICE_ADDED = "$device-add"
DEVICE_UPDATED = "$device-update"
RESERVED = (DEVICE_ADDED, DEVICE_UPDATED)
"""The names of notifications that only saves of devices store."""

INSERT_NOTIFICATIONS = InsertRows(Notification)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationInsert:
    """A `notification/insert` by `principal`."""

    principal: Principal
    device_id: str
    body: NotificationBody


def insert_many(requests: Sequence[NotificationInsert]) -> list[Notification | Refused]:
    """Store notifications in one transaction and tell their subscribers; a result for each."""
    return commit_together(_insert, requests)


def _insert(requests: Sequence[NotificationInsert]) -> Done[Notification]:
    located = locate(requests)
    results = judge_each(lambda request: _new(request, located), requests)
    inserted = [each for each in results if not isinstance(each, Refused)]
    fanout.publish(map(events.of_notification, inserted))
    return results, [INSERT_NOTIFICATIONS.of(inserted)]


def _new(request: NotificationInsert, located: DeviceAccess[Location]) -> Notification:
    location = located.reach(request)
    check_not_blocked(request.principal, location)
    check_name(request.body)
    return make_record(Notification, new_message(request.device_id, location, request.body))


def check_name(body: NotificationBody) -> None:
    """Raises Refused for a name that is reserved for saves of devices (R-22)."""
    if body.notification in RESERVED:
        raise NotificationRefusal.RESERVED()


def get(principal: Principal, device_id: str, number: int) -> Notification:
    """Raises Refused: 404 for an unknown device or notification, 403 for an invisible device."""
    stored = of_device(principal, device_id).filter(number=number).queryset
    found = stored.filter(BY_A_DEVICE).first() or stored.filter(OF_A_SAVE, _is_kept()).first()
    if found is None:
        raise NotificationRefusal.NOT_FOUND()
    return found


def _is_kept() -> Q:
    """The condition for notifications of saves that have not expired. Their numbers are in no
    index, and a device that is saved often may have many that wait to be deleted."""
    return Q(timestamp__gte=now() - timedelta(seconds=settings.SAVE_NOTIFICATION_SECONDS))


def of_device(principal: Principal, device_id: str) -> Filtered[Notification]:
    """All notifications of a device. Raises Refused as `get`."""
    request = DeviceGet(principal, device_id)
    located = locate([request])
    # 404 for an unknown device even for clients, 403 for one they cannot see.
    if device_id not in located.devices:
        raise DeviceRefusal.NOT_FOUND(device_id)
    location = located.visible(request)
    if location is None or not principal.opens_devices:
        raise ProtocolRefusal.ACCESS_DENIED()
    return Filtered(Notification).filter(device_id=device_id, generation=location.generation)
