"""The commands and notifications on a device's page: the latest ones, and then new ones live.

The page gets new ones over the server's WebSocket (devices/static/devices/live.js), with a token
that it fetches for each connection.
"""

from datetime import timedelta
from typing import Any, NamedTuple, Self

import msgspec
from django.http import Http404, HttpRequest, JsonResponse
from django.utils import timezone

from devicehive.protocol.permissions import Permission
from devices.admin.json_text import indented
from devices.admin.resources import principal_behind
from devices.models import Device, User
from devices.schemas.command import CommandOut
from devices.schemas.notification import NotificationOut
from devices.services import commands, notifications, tokens
from devices.services.notifications import DEVICE_ADDED, DEVICE_UPDATED
from devices.services.tokens import Scope

SAVES = (DEVICE_ADDED, DEVICE_UPDATED)
SHOWN = 25
"""How many of the latest commands, and of the latest notifications, are shown."""
LONGEST = 2_000
"""The most characters shown in a cell; a message may have a million."""
TOKEN_SECONDS = 60
"""How long a token is valid: it is used at once, and the connection outlives it."""
NEEDED = (
    Permission.GET_DEVICE,
    Permission.GET_DEVICE_NOTIFICATION,
    Permission.GET_DEVICE_COMMAND,
    Permission.CREATE_DEVICE_COMMAND,
)
SHOWN_MEMBERS = {
    "command": ("timestamp", "command", "parameters", "status", "result"),
    "notification": ("timestamp", "notification", "parameters"),
}


class LiveRow(NamedTuple):
    id: int
    timestamp: str
    updated: str
    texts: list[str]

    @classmethod
    def of(cls, message: CommandOut | NotificationOut, members: tuple[str, ...]) -> Self:
        updated = message.last_updated if isinstance(message, CommandOut) else message.timestamp
        texts = [_text(getattr(message, member)) for member in members]
        return cls(message.number, message.timestamp, updated, texts)


class Table(NamedTuple):
    kind: str
    title: str
    members: tuple[str, ...]
    rows: list[LiveRow]

    @classmethod
    def of(cls, kind: str, latest: list[CommandOut] | list[NotificationOut]) -> Self:
        members = SHOWN_MEMBERS[kind]
        rows = [LiveRow.of(message, members) for message in latest]
        return cls(kind, f"{kind.capitalize()}s", members, rows)


def live(request: HttpRequest, device: Device) -> dict[str, Any]:
    """The context of the template live.html. Takes three queries, all by index."""
    principal = principal_behind(request)
    newest = ("-timestamp", "-id")
    sent = commands.of_device(principal, device.pk).order_by(*newest)[:SHOWN]
    told = notifications.of_device(principal, device.pk).order_by(*newest)[:SHOWN]
    outs = [NotificationOut.of(each) for each in told]
    return {
        "shown": SHOWN,
        "longest": LONGEST,
        "saved_at": next((each.timestamp for each in outs if each.notification in SAVES), ""),
        "data": device.data and indented(device.data)[:LONGEST],
        "tables": [
            Table.of("command", [CommandOut.of(each) for each in sent]),
            Table.of("notification", outs),
        ],
    }


def _text(value: str | msgspec.Raw | None) -> str:
    if isinstance(value, msgspec.Raw):
        value = msgspec.json.format(bytes(value), indent=-1).decode()
    text = value or ""
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def live_token_view(request: HttpRequest, device_id: str) -> JsonResponse:
    """A token that allows only what the page does, for the network and type of this device."""
    device = Device.objects.filter(pk=device_id).first()
    if device is None:
        raise Http404
    assert isinstance(request.user, User)
    scope = Scope(
        tuple(permission.value for permission in NEEDED),
        (str(device.network_id),),
        (str(device.device_type_id),),
    )
    expiration = timezone.now() + timedelta(seconds=TOKEN_SECONDS)
    return JsonResponse({"token": tokens.issue(request.user, scope, expiration=expiration).access})
