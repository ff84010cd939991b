"""What is told late to processes that missed it."""

from datetime import UTC, datetime

from devicehive.events.event import COMMAND_LINE
from devices.models import Device, User
from devices.schemas.notification import NotificationBody
from devices.services import devices, events, notifications
from devices.services.notifications import NotificationInsert
from devices.services.standing import unlimited

SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def told_late() -> list[str]:
    return [event.name for part in events.missed(COMMAND_LINE, SINCE) for event in part]


def test_nothing_is_told_late_of_a_device_that_was_deleted(bob: User, device: Device) -> None:
    insert = NotificationInsert(
        principal=unlimited(bob),
        device_id=device.id,
        body=NotificationBody(notification="temperature"),
    )
    notifications.insert_many([insert])
    assert told_late() == ["temperature"]
    devices.delete(unlimited(bob), device.id)
    assert told_late() == []
