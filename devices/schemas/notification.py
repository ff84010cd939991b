"""Notifications on the wire (protocol, 4.6)."""

from typing import ClassVar

import msgspec

from devicehive.protocol.bodies import Body, Needed
from devicehive.protocol.columns import Out
from devicehive.protocol.shapes import NULL, Obj, Str, Timestamp
from devicehive.protocol.timestamps import TimestampText
from devices.refusals import NotificationRefusal


class NotificationBody(Body):
    published: ClassVar = "NewNotification"

    notification: Needed[Str, NotificationRefusal.REQUIRED]
    timestamp: Timestamp | None = None
    parameters: Obj = NULL


class NotificationOut(Out):
    published: ClassVar = "Notification"

    number: int = msgspec.field(name="id")
    notification: str
    device_id: str
    network_id: int | None
    device_type_id: int | None
    timestamp: TimestampText
    parameters: msgspec.Raw | None


class NotificationInserted(Out):
    """The answer to `notification/insert`."""

    number: int = msgspec.field(name="id")
    timestamp: TimestampText
