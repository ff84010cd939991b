"""The paths of REST: each method means an action, and says where REST differs (REST 2.1 to 3.5).

Most differences are of four kinds: lists of the registry have no page of their own, a body that is
missing has one text whatever the action calls it, lists of messages exclude their bounds, and polls
stand where frames subscribe.
"""

from datetime import timedelta
from typing import Any

from devicehive.protocol.permissions import Permission
from devicehive.protocol.refusals import HttpRefusal, ProtocolRefusal, Refusal
from devicehive.protocol.routes import EVERY_MEMBER, Call, Text, path
from devicehive.protocol.shapes import whole_number
from devicehive.protocol.timestamps import parse_timestamp, timestamp_text
from devices.handlers import gate
from devices.refusals import (
    CommandRefusal,
    DeviceRefusal,
    NotificationRefusal,
    StrangerRefusal,
    TokenRefusal,
)
from devices.schemas.command import CommandOut
from devices.schemas.configuration import ConfigurationOut

MOST = 2**31 - 1
MILLISECOND = timedelta(milliseconds=1)
NO_BODY = HttpRefusal.NO_BODY
WHOLE_LIST = {"take": MOST}
"""A list of the registry has no page of its own."""


class RestRefusal(Refusal):
    """Refusals that a frame words otherwise, or codes."""

    NO_DEVICE = 400, "Error! Validation failed: \nObject is null"
    USER_HIDDEN = 403, "User with id = %s not found"


# --- What becomes of a result, and of the text of a query member ---------------------------------


def counted(count: int) -> dict[str, int]:
    return {"count": count}


def without_id(entry: ConfigurationOut) -> dict[str, object]:
    return {"name": entry.name, "value": entry.value, "entityVersion": entry.entity_version}


def alone(found: list[Any]) -> Any:
    return found[0] if found else None


def after(text: str) -> str:
    """The first moment that is later; empty is none."""
    return timestamp_text(parse_timestamp(text) + MILLISECOND) if text else ""


def before(text: str) -> str:
    """The last moment that is earlier; empty is none."""
    return timestamp_text(parse_timestamp(text) - MILLISECOND) if text else ""


def some(text: str) -> int:
    """How many to show: none for a negative number."""
    return max(whole_number(text, 32), 0)


def offset(text: str) -> int:
    """How many to leave out: all for a negative number."""
    number = whole_number(text, 32)
    return number if number >= 0 else MOST


def unless_empty(text: str) -> str | None:
    return text or None


# --- Kinds of calls ------------------------------------------------------------------------------


def list_messages(action: str) -> Call:
    """The newest first, without those at the bounds."""
    return Call(
        action,
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


def insert_message(action: str, member: str, **differences: Any) -> Call:
    return Call(action, body=member, no_body=NO_BODY, status=201, **differences)


def change(action: str, **differences: Any) -> Call:
    return Call(action, status=204, **differences)


# --- Paths -----------------------------------------------------------------------------------

path("", GET=Text("rest/welcome"))
path("info", GET=Call("rest/info"))
path("info/cache", GET=Call("server/cacheInfo"))
path("info/config/cluster", GET=Call("cluster/info"))

path("token", POST=insert_message("token", EVERY_MEMBER))
path("token/create", POST=insert_message("token/create", "payload"))
path(
    "token/refresh",
    POST=insert_message(
        "token/refresh",
        EVERY_MEMBER,
        texts={TokenRefusal.PAYLOAD_REQUIRED: TokenRefusal.CREDENTIALS_REQUIRED},
    ),
)

path(
    "configuration/<name>",
    GET=Call("configuration/get", answer=without_id),
    PUT=Call("configuration/put", body=EVERY_MEMBER, no_body=NO_BODY, answer=without_id),
    DELETE=change("configuration/delete"),
)

path("device", GET=Call("rest/device/list", defaults=WHOLE_LIST))
path("device/count", GET=Call("device/count", answer=counted))
path(
    "device/<deviceId>",
    GET=Call("device/get"),
    PUT=change("device/save", body="device", texts={DeviceRefusal.EMPTY: RestRefusal.NO_DEVICE}),
    DELETE=change("device/delete"),
)

path(
    "device/<deviceId>/command",
    GET=list_messages("rest/command/list"),
    POST=insert_message("command/insert", "command", answer=CommandOut.of),
)
path(
    "device/<deviceId>/command/<commandId>",
    GET=Call("rest/command/get"),
    PUT=change("command/update", body="command", texts={CommandRefusal.REQUIRED: NO_BODY}),
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
    POST=insert_message(
        "notification/insert",
        "notification",
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

for kind, body, number in (
    ("network", "network", "networkId"),
    ("devicetype", "deviceType", "deviceTypeId"),
):
    path(
        kind,
        GET=Call(f"{kind}/list", defaults=WHOLE_LIST),
        POST=insert_message(f"{kind}/insert", body),
    )
    path(f"{kind}/count", GET=Call(f"{kind}/count", answer=counted))
    path(
        f"{kind}/<int:{number}>",
        GET=Call(f"{kind}/get"),
        PUT=change(f"{kind}/update", body=body, no_body=b"{}"),
        DELETE=change(f"{kind}/delete"),
    )

path(
    "user",
    GET=Call("user/list", defaults=WHOLE_LIST),
    POST=insert_message("user/insert", "user"),
)
path("user/count", GET=Call("user/count", answer=counted))
path(
    "user/current",
    GET=Call("user/getCurrent"),
    PUT=change(
        "user/updateCurrent",
        body="user",
        no_body=change("user/getCurrent", needs=Permission.UPDATE_CURRENT_USER),
    ),
)
path(
    "user/<int:userId>",
    GET=Call("user/get", texts={StrangerRefusal.NOT_FOUND: RestRefusal.USER_HIDDEN}),
    PUT=change("user/update", body="user", no_body=change("user/get")),
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
