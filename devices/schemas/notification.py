"""Notifications on the wire (protocol, 4.6)."""

from datetime import datetime
from typing import NamedTuple, Self

import msgspec

from devicehive.protocol.bodies import Body, Needed
from devicehive.protocol.shapes import NULL, Obj, Str, Timestamp
from devicehive.protocol.timestamps import TimestampText, timestamp_text
from devices.models import Notification
from devices.refusals import NotificationRefusal
from devices.schemas.columns import raw


class NotificationBody(Body):
    notification: Needed[Str, NotificationRefusal.REQUIRED]
    timestamp: Timestamp | None = None
    parameters: Obj = NULL


class NotificationOut(msgspec.Struct, rename="camel"):
    id: int
    notification: str
    device_id: str
    network_id: int | None
    device_type_id: int | None
    timestamp: TimestampText
    parameters: msgspec.Raw | None

    @classmethod
    def of(cls, notification: Notification) -> Self:
        return cls(
            notification.number,
            notification.notification,
            notification.device_id,
            notification.network_id,
            notification.device_type_id,
            timestamp_text(notification.timestamp),
            raw(notification.parameters),
        )


class StoredNotification(NamedTuple):
    """A notification, with what is stored of it and not shown."""

    out: NotificationOut
    generation: int
    stored_at: datetime
    origin: int | None

    @classmethod
    def of(cls, notification: Notification) -> Self:
        return cls(
            NotificationOut.of(notification),
            notification.generation,
            notification.stored_at,
            notification.origin,
        )


class NotificationInserted(msgspec.Struct, rename="camel"):
    """The answer to `notification/insert`."""

    id: int
    timestamp: TimestampText
