"""subscription/list: the subscriptions of this connection (protocol, 5.7)."""

from typing import Self

import msgspec

from devicehive.events.subscriptions import Subscription
from devicehive.protocol.actions import Runs, action
from devicehive.protocol.bodies import Params
from devicehive.protocol.connections import Connection
from devicehive.protocol.permissions import Permission
from devicehive.protocol.shapes import Str
from devicehive.protocol.timestamps import timestamp_text

READ_BY = {
    "command": Permission.GET_DEVICE_COMMAND,
    "notification": Permission.GET_DEVICE_NOTIFICATION,
    "presence": Permission.GET_DEVICE,
}


class SubscriptionOut(msgspec.Struct, rename="camel"):
    """A subscription as it was requested, whatever it is limited to since (4.8)."""

    subscription_id: int
    type: str
    device_id: str | None
    network_ids: list[int] | None
    device_type_ids: list[int] | None
    names: list[str] | None
    timestamp: str | None

    @classmethod
    def of(cls, subscription: Subscription) -> Self:
        requested = subscription.requested
        return cls(
            subscription_id=subscription.id,
            type=requested.type,
            device_id=requested.device_id,
            network_ids=requested.network_ids,
            device_type_ids=requested.device_type_ids,
            names=requested.names,
            timestamp=(
                None if requested.timestamp is None else timestamp_text(requested.timestamp)
            ),
        )


class Listing(Params):
    type: Str | None = None


@action(
    "subscription/list",
    needs=(Permission.GET_DEVICE_COMMAND, Permission.GET_DEVICE_NOTIFICATION),
    returns="subscriptions",
    runs=Runs.INLINE,
)
def list_(connection: Connection, params: Listing) -> list[SubscriptionOut]:
    """The subscriptions of this connection, of one `type` or of all."""
    permissions = connection.identity.permissions
    shown = {
        kind
        for kind, permission in READ_BY.items()
        if permission in permissions and params.type in (None, kind)
    }
    return [
        SubscriptionOut.of(each)
        for id_, each in sorted(connection.subscriptions.items())
        if each.requested.type in shown
    ]
