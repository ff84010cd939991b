"""Which devices are there, for all who may see them (ADR 30)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Coalesce

from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal
from devicehive.protocol.timestamps import now
from devices.models import Device
from devices.refusals import DeviceRefusal
from devices.schemas.presence import PresenceFilter
from devices.services import access, devices

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for never, which the two databases sort to different ends."""
SORT_FIELDS = {
    "deviceId": ("id",),
    "name": ("name", "id"),
    "since": ("since", "id"),
    "lastHeard": ("last_heard", "id"),
}
"""As they are on the wire, where they may be in any case."""
PRESENCE_SORTED_BY = {field.lower(): columns for field, columns in SORT_FIELDS.items()}


DevicesThere = QuerySet[Any]
"""Of devices, each with its presence: the checker of types does not know of `there`."""


def with_presence(devices_: QuerySet[Device]) -> DevicesThere:
    """The devices, each with its presence as `there`, which is None for one never heard of; and
    `since` and `last_heard`, to sort by."""
    of_this = Q(presence__generation=F("generation"))
    joined: DevicesThere = devices_.annotate(there=FilteredRelation("presence", condition=of_this))
    joined = joined.annotate(
        since=Coalesce("there__since", EARLIEST),
        last_heard=Coalesce("there__heard_at", EARLIEST),
    )
    return joined.select_related("there")


def get(principal: Principal, device_id: str) -> Device:
    """Raises Refused when there is no such device that the principal can see."""
    seen = with_presence(access.visible_devices(principal)).defer("data")
    device: Device | None = seen.filter(id=device_id).first()
    if device is None:
        raise DeviceRefusal.NOT_FOUND(device_id)
    return device


def find(principal: Principal, wanted: PresenceFilter) -> DevicesThere:
    """The devices of `presence/list`, in no order. Raises Refused."""
    found = with_presence(devices.find(principal, wanted)).defer("data")
    if wanted.connected is not None:
        found = are_connected(found, wanted.connected)
    if wanted.silent_seconds is not None:
        if wanted.silent_seconds < 1:
            raise ProtocolRefusal.INVALID_PARAMETERS()
        found = are_silent(found, timedelta(seconds=wanted.silent_seconds))
    if wanted.heard is not None:
        found = found.filter(there__isnull=not wanted.heard)
    return found


def are_connected(found: DevicesThere, connected: bool) -> DevicesThere:
    if connected:
        return found.filter(there__is_connected=True)
    return found.filter(Q(there__isnull=True) | Q(there__is_connected=False))


def are_silent(found: DevicesThere, limit: timedelta) -> DevicesThere:
    """Those that were heard of, but not for so long."""
    return found.filter(there__heard_at__lt=now() - limit)
