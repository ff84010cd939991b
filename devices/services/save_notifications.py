"""What the save of a device tells: the device as it is now (protocol, 5.4.5)."""

import msgspec

from devicehive.events import fanout
from devicehive.orm.records import make_record
from devicehive.protocol.timestamps import now
from devices.models import Device, Notification
from devices.schemas.device import DeviceOut
from devices.services.messages import new_message_id
from devices.services.notifications import DEVICE_ADDED, DEVICE_UPDATED


def notify_of_save(device: Device, *, is_new: bool) -> Notification:
    """The notification to store. It names neither network nor type, and so is delivered to
    subscriptions without any limit only (5.4.5)."""
    moment = now()
    columns = {
        "number": new_message_id(),
        "device_id": device.id,
        "generation": device.generation,
        "notification": DEVICE_ADDED if is_new else DEVICE_UPDATED,
        "timestamp": moment,
        "stored_at": moment,
        "origin": fanout.origin(),
        "parameters": msgspec.json.encode(DeviceOut.of(device)).decode(),
    }
    return make_record(Notification, columns)
