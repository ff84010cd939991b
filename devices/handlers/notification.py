"""notification/*: notifications that devices send (protocol, 5.6)."""

from typing import Annotated, Any

from msgspec import Meta

from devicehive.protocol.actions import Caller, Runs, action
from devicehive.protocol.bodies import Needed, Params
from devicehive.protocol.connections import Connection
from devicehive.protocol.permissions import Permission
from devicehive.protocol.refusals import ProtocolRefusal
from devicehive.protocol.shapes import Str, whole_number
from devices.handlers import gate, listening
from devices.handlers.listening import SUBSCRIBE_ERRORS, Subscribe, Unsubscribe, requested_by
from devices.handlers.paging import MessageListing, message_page
from devices.refusals import DeviceRefusal, NotificationRefusal, SubscriptionRefusal
from devices.schemas.notification import NotificationBody, NotificationInserted, NotificationOut
from devices.services import events, notifications
from devices.services.message_lists import NOTIFICATION_LISTS
from devices.services.notifications import NotificationInsert
from devices.services.subscriptions import MOST_REPLAYED_NOTIFICATIONS


class Insert(Params):
    notification: Needed[NotificationBody, NotificationRefusal.REQUIRED]
    device_id: Needed[Str, DeviceRefusal.ID_REQUIRED]


@action(
    "notification/insert",
    needs=Permission.CREATE_DEVICE_NOTIFICATION,
    target=gate.device,
    commit=notifications.insert_many,
    of_devices=True,
    returns="notification",
    answer=NotificationInserted,
    shape=NotificationInserted.of,
    errors=(DeviceRefusal.NOT_FOUND, DeviceRefusal.BLOCKED, NotificationRefusal.RESERVED),
)
def insert(caller: Caller, params: Insert) -> NotificationInsert:
    """Store a notification of a device, and push it to all subscribers."""
    return NotificationInsert(
        principal=caller.identity, device_id=params.device_id, body=params.notification
    )


def check_name(params: Insert) -> None:
    """Raises Refused for a name that is reserved for the server."""
    notifications.check_name(params.notification)


LONG = {"type": "integer", "format": "int64"}


class ById(Params):
    device_id: Needed[Str, DeviceRefusal.ID_REQUIRED]
    # Not a Long: an id that is not one has an answer of its own.
    notification_id: Needed[
        Annotated[Any, Meta(extra_json_schema=LONG)], NotificationRefusal.ID_REQUIRED
    ]


@action(
    "notification/get",
    needs=Permission.GET_DEVICE_NOTIFICATION,
    returns="notification",
    errors=(
        NotificationRefusal.ID_NOT_A_NUMBER,
        DeviceRefusal.NOT_FOUND,
        NotificationRefusal.NOT_FOUND,
    ),
)
def get(caller: Caller, params: ById) -> NotificationOut:
    """One notification of a device."""
    try:
        number = whole_number(params.notification_id, 64)
    except (TypeError, ValueError):
        raise NotificationRefusal.ID_NOT_A_NUMBER() from None
    return NotificationOut.of(notifications.get(caller.identity, params.device_id, number))


class Listing(MessageListing):
    notification: Str | None = None
    sort_field: (
        Annotated[Str, Meta(extra_json_schema={"enum": [*NOTIFICATION_LISTS.sorted_by]})] | None
    ) = None


@action(
    "notification/list",
    needs=Permission.GET_DEVICE_NOTIFICATION,
    returns="notifications",
    errors=(DeviceRefusal.NOT_FOUND, ProtocolRefusal.INVALID_PARAMETERS),
)
def list_(caller: Caller, params: Listing) -> list[NotificationOut]:
    """The notifications of a device, including those of its saves, by default in the order of
    their timestamps. `names` takes precedence over `notification`."""
    stored = notifications.of_device(caller.identity, params.device_id)
    found = message_page(stored, NOTIFICATION_LISTS, params, name=params.notification)
    return NotificationOut.of_all(found)


@action(
    "notification/subscribe",
    needs=Permission.GET_DEVICE_NOTIFICATION,
    target=gate.device,
    returns="subscriptionId",
    errors=SUBSCRIBE_ERRORS,
)
def subscribe(connection: Connection, params: Subscribe) -> int:
    """Subscribe to the notifications of a device, of networks and types, or of all devices that
    the caller can see. With a `timestamp`, the oldest 100 stored since then come first."""
    return listening.subscribe(
        connection,
        requested_by(params, kind="notification", since=params.timestamp),
        action=events.NOTIFICATION_INSERTED,
        limit=MOST_REPLAYED_NOTIFICATIONS,
    )


@action(
    "notification/unsubscribe",
    needs=Permission.GET_DEVICE_NOTIFICATION,
    runs=Runs.INLINE,
    errors=(SubscriptionRefusal.NOT_FOUND,),
)
def unsubscribe(connection: Connection, params: Unsubscribe) -> None:
    """End one subscription to notifications, or all of this connection."""
    listening.unsubscribe(connection, params.subscription_id, kind="notification")
