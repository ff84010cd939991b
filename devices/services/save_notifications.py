"""Make the notifications that saves store: each has the device as it is now (protocol, 5.4.5)."""

from collections.abc import Sequence

import msgspec

from devicehive.events import fanout
from devicehive.orm.records import make_record
from devicehive.protocol.timestamps import now
from devices.models import Device, Notification
from devices.schemas.device import DeviceOut
from devices.services.messages import new_message_ids
from devices.services.notifications import DEVICE_ADDED, DEVICE_UPDATED


def notify_of_saves(saves: Sequence[tuple[Device, bool]]) -> list[Notification]:
    """The notifications to store; `saves` are devices, each with whether it is new. Notifications
    of saves name neither network nor type, so only subscriptions without any limit get them
    (5.4.5)."""
    moment = now()
    common = {"timestamp": moment, "stored_at": moment, "origin": fanout.origin()}
    return [
        make_record(
            Notification,
            common
            | {
                "number": number,
                "device_id": device.id,
                "generation": device.generation,
                "notification": DEVICE_ADDED if is_new else DEVICE_UPDATED,
                "parameters": msgspec.json.encode(DeviceOut.of(device)).decode(),
            },
        )
        for number, (device, is_new) in zip(new_message_ids(len(saves)), saves, strict=True)
    ]
