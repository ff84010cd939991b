"""device/presence and presence/*: which devices are connected (ADR 30), which DeviceHive lacks."""

from typing import Annotated

from msgspec import Meta

from devicehive.protocol.actions import Caller, Runs, action
from devicehive.protocol.answers import encode, few_at_a_time
from devicehive.protocol.connections import Connection
from devicehive.protocol.permissions import Permission
from devicehive.protocol.refusals import ProtocolRefusal
from devicehive.protocol.shapes import Str
from devices.handlers import gate, listening
from devices.handlers.device import ById
from devices.handlers.listening import SUBSCRIBE_ERRORS, Scope, Unsubscribe, requested_by
from devices.handlers.paging import LIST_ERRORS, page
from devices.refusals import DeviceRefusal, SubscriptionRefusal
from devices.schemas.limits import Skip, SortOrder, Take
from devices.schemas.presence import PresenceFilter, PresenceOut
from devices.services import presence
from devices.services.presence_events import PRESENCE_UPDATED


@action(
    "device/presence",
    needs=Permission.GET_DEVICE,
    target=gate.device,
    returns="presence",
    errors=(DeviceRefusal.NOT_FOUND,),
)
def of_device(caller: Caller, params: ById) -> PresenceOut:
    """Whether a device is connected, since when, and when it was last heard from.

    A WebSocket makes a device connected by a successful `device/save`, `notification/insert` or
    `command/update` for it, or by subscribing to its new commands by `deviceId`. The same requests
    over REST, and polls for commands, only update when it was last heard from. Timestamps are
    accurate to `PRESENCE_SECONDS`.
    """
    return PresenceOut.of(presence.get(caller.identity, params.device_id))


class PresenceListing(PresenceFilter):
    sort_field: Annotated[Str, Meta(extra_json_schema={"enum": [*presence.SORT_FIELDS]})] | None = (
        None
    )
    sort_order: SortOrder | None = None
    take: Take | None = None
    skip: Skip | None = None


@action("presence/list", needs=Permission.GET_DEVICE, returns="presences", errors=LIST_ERRORS)
def list_(caller: Caller, params: PresenceListing) -> list[PresenceOut]:
    """The presence of the devices that the caller can see and that match all filters, by default
    in the order of their ids. Devices that were never heard from sort before all others."""
    found = presence.find(caller.identity, params)
    rows = page(found, presence.SORTED_BY, params)
    return encode(map(PresenceOut.of, few_at_a_time(rows)))


@action(
    "presence/count",
    needs=Permission.GET_DEVICE,
    returns="count",
    errors=(ProtocolRefusal.INVALID_PARAMETERS,),
)
def count(caller: Caller, params: PresenceFilter) -> int:
    """How many devices `presence/list` would show in all."""
    return presence.find(caller.identity, params).count()


@action(
    "presence/subscribe",
    needs=Permission.GET_DEVICE,
    target=gate.device,
    returns="subscriptionId",
    errors=SUBSCRIBE_ERRORS,
)
def subscribe(connection: Connection, params: Scope) -> int:
    """Subscribe to the presence of a device, of devices in networks and types, or of all that the
    caller can see; `names` are changes: `connected`, `disconnected`, `silent`, `heard`. A device is
    silent if it was not heard from for longer than its type or `DEVICE_SILENT_SECONDS` allows."""
    requested = requested_by(params, kind="presence", since=None)
    return listening.subscribe(connection, requested, action=PRESENCE_UPDATED, limit=0)


@action(
    "presence/unsubscribe",
    needs=Permission.GET_DEVICE,
    runs=Runs.INLINE,
    errors=(SubscriptionRefusal.NOT_FOUND,),
)
def unsubscribe(connection: Connection, params: Unsubscribe) -> None:
    """End one subscription to presence, or all of this connection."""
    listening.unsubscribe(connection, params.subscription_id, kind="presence")
