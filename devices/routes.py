"""The paths of REST: each method maps to an action, with its differences (REST 2.1 to 3.5).

Most differences are of four kinds: lists of the registry have no default page size, a missing body
has the same error text for all actions, lists of messages exclude their bounds, and polls replace
subscriptions.
"""

from typing import Any

from devicehive.protocol.permissions import Permission
from devicehive.protocol.refusals import HttpRefusal, ProtocolRefusal, Refusal
from devicehive.protocol.routes import EVERY_MEMBER, Call, Text, path
from devices.differences import (
    MOST,
    after,
    alone,
    before,
    counted,
    offset,
    some,
    unless_empty,
    whole,
    without_id,
)
from devices.handlers import gate, notification
from devices.refusals import (
    CommandRefusal,
    DeviceRefusal,
    DeviceTypeRefusal,
    NetworkRefusal,
    NotificationRefusal,
    StrangerRefusal,
    TokenRefusal,
)

NO_BODY = HttpRefusal.NO_BODY
NOTHING_CHANGES = "Without a body nothing changes."


class RestRefusal(Refusal):
    """Refusals whose text or code differs from that of frames."""

    NO_DEVICE = 400, "Error! Validation failed: \nObject is null"
    USER_HIDDEN = 403, "User with id = %s not found"


# --- Kinds of calls ------------------------------------------------------------------------------


def list_all(action: str) -> Call:
    """A list of the registry, which has no default page size."""
    return Call(action, note="Without `take` all are shown.", defaults={"take": MOST})


def list_messages(action: str) -> Call:
    """A list of messages, the newest first, which excludes those at the bounds."""
    return Call(
        action,
        note="Here the newest come first, unless `sortOrder` is `ASC`. Messages with exactly the "
        "timestamp `start` or `end` are left out.",
        defaults={"sortField": "timestamp"},
        adapt={
            "start": after,
            "end": before,
            "take": some,
            "skip": offset,
            "command": unless_empty,
            "notification": unless_empty,
        },
        target=gate.device,
    )


def create_one(action: str, member: str, **differences: Any) -> Call:
    return Call(action, body=member, no_body=NO_BODY, status=201, **differences)


def change(action: str, **differences: Any) -> Call:
    return Call(action, status=204, **differences)


# --- Paths -----------------------------------------------------------------------------------

path("", GET=Text("rest/welcome"))
path("swagger.json", GET=Call("rest/document"))
path("info", GET=Call("rest/info"))
path("info/cache", GET=Call("server/cacheInfo"))
path("info/config/cluster", GET=Call("cluster/info"))

path("token", POST=create_one("token", EVERY_MEMBER))
path("token/create", POST=create_one("token/create", "payload"))
path(
    "token/refresh",
    POST=create_one(
        "token/refresh",
        EVERY_MEMBER,
        texts={
            TokenRefusal.PAYLOAD_REQUIRED: TokenRefusal.CREDENTIALS_REQUIRED,
            TokenRefusal.EMPTY: TokenRefusal.CREDENTIALS_REQUIRED,
        },
    ),
)

path(
    "configuration/<name>",
    GET=Call("configuration/get", answer=without_id),
    PUT=Call(
        "configuration/put",
        body=EVERY_MEMBER,
        no_body=NO_BODY,
        target=gate.possible_entry,
        answer=without_id,
    ),
    DELETE=change("configuration/delete"),
)

path("device", GET=list_all("rest/device/list"))
path("device/count", GET=Call("device/count", answer=counted))
path(
    "device/<deviceId>",
    GET=Call("device/get"),
    PUT=change(
        "device/save",
        body="device",
        target=gate.possible_device,
        texts={DeviceRefusal.EMPTY: RestRefusal.NO_DEVICE},
    ),
    DELETE=change("device/delete"),
)

path("device/<deviceId>/presence", GET=Call("device/presence"))
path("presence", GET=Call("presence/list"))
path("presence/count", GET=Call("presence/count", answer=counted))

path(
    "device/<deviceId>/command",
    GET=list_messages("rest/command/list"),
    POST=create_one("command/insert", "command", answer=whole),
)
path(
    "device/<deviceId>/command/<commandId>",
    GET=Call("rest/command/get"),
    PUT=change(
        "command/update",
        body="command",
        target=gate.known_command,
        texts={CommandRefusal.REQUIRED: NO_BODY},
    ),
)
path("device/command/poll", GET=Call("rest/command/poll", waits=True))
path(
    "device/<deviceId>/command/poll", GET=Call("rest/command/poll", waits=True, target=gate.device)
)
path(
    "device/<deviceId>/command/<commandId>/poll",
    GET=Call("rest/command/wait", waits=True, answer=alone),
)

path(
    "device/<deviceId>/notification",
    GET=list_messages("notification/list"),
    POST=create_one(
        "notification/insert",
        "notification",
        check=notification.check_name,
        texts={NotificationRefusal.REQUIRED: ProtocolRefusal.INVALID_PARAMETERS},
    ),
)
path(
    "device/<deviceId>/notification/<notificationId>",
    GET=Call("notification/get", target=gate.device),
)
path("device/notification/poll", GET=Call("rest/notification/poll", waits=True))
path(
    "device/<deviceId>/notification/poll",
    GET=Call("rest/notification/poll", waits=True, target=gate.device),
)

for kind, body, known, absence in (
    ("network", "network", gate.known_network, NetworkRefusal.REQUIRED),
    ("devicetype", "deviceType", gate.known_device_type, DeviceTypeRefusal.REQUIRED),
):
    path(
        kind,
        GET=list_all(f"{kind}/list"),
        POST=create_one(f"{kind}/insert", body),
    )
    path(f"{kind}/count", GET=Call(f"{kind}/count", answer=counted))
    path(
        f"{kind}/<int:{body}Id>",
        GET=Call(f"{kind}/get"),
        PUT=change(
            f"{kind}/update",
            body=body,
            target=known,
            no_body=b"{}",
            never=frozenset({absence}),
            note=NOTHING_CHANGES,
        ),
        DELETE=change(f"{kind}/delete"),
    )

path(
    "user",
    GET=list_all("user/list"),
    POST=create_one("user/insert", "user"),
)
path("user/count", GET=Call("user/count", answer=counted))
path(
    "user/current",
    GET=Call("user/getCurrent"),
    PUT=change(
        "user/updateCurrent",
        body="user",
        no_body=change("user/getCurrent", needs=Permission.UPDATE_CURRENT_USER),
        note=NOTHING_CHANGES,
    ),
)
path(
    "user/<int:userId>",
    GET=Call("user/get", texts={StrangerRefusal.NOT_FOUND: RestRefusal.USER_HIDDEN}),
    PUT=change(
        "user/update",
        body="user",
        target=gate.known_user,
        no_body=change("rest/user/keep"),
        note=NOTHING_CHANGES,
    ),
    DELETE=change("user/delete"),
)
path(
    "user/<int:userId>/network/<int:networkId>",
    GET=Call("user/getNetwork"),
    PUT=change("user/assignNetwork"),
    DELETE=change("user/unassignNetwork"),
)
path("user/<int:userId>/devicetype", GET=Call("user/getDeviceTypes"))
path(
    "user/<int:userId>/devicetype/all",
    PUT=change("user/allowAllDeviceTypes"),
    DELETE=change("user/disallowAllDeviceTypes"),
)
path(
    "user/<int:userId>/devicetype/<int:deviceTypeId>",
    GET=Call("rest/user/getDeviceType"),
    PUT=change("user/assignDeviceType"),
    DELETE=change("user/unassignDeviceType"),
)
