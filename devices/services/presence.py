"""Read which devices are connected, silent or away, for those who may see them (ADR 30)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from devicehive.protocol.permissions import Principal
from devicehive.protocol.refusals import ProtocolRefusal
from devicehive.protocol.timestamps import now
from devices.models import OF_DEVICE, Device, Presence
from devices.refusals import DeviceRefusal
from devices.schemas.presence import PresenceFilter
from devices.services import access, devices

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for "never", because the two databases sort NULL to different ends."""
SORT_FIELDS = {
    "deviceId": ("id",),
    "name": ("name", "id"),
    "since": ("since", "id"),
    "lastHeard": ("last_heard", "id"),
}
"""The fields that a list may be sorted by, as named on the wire; clients may use any case."""
SORTED_BY = {field.lower(): columns for field, columns in SORT_FIELDS.items()}


DevicesThere = QuerySet[Any]
"""Devices, each with its presence as `there`, an attribute that mypy does not know."""


def with_presence(devices_: QuerySet[Device]) -> DevicesThere:
    """The devices, each with its presence as `there`, which is None for one that was never heard
    from; and with `since` and `last_heard`, to sort by."""
    of_this = Q(presence__generation=F("generation"))
    joined: DevicesThere = devices_.annotate(there=FilteredRelation("presence", condition=of_this))
    joined = joined.annotate(
        since=Coalesce("there__since", EARLIEST),
        last_heard=Coalesce("there__heard_at", EARLIEST),
    )
    return joined.select_related("there")


def get(principal: Principal, device_id: str) -> Device:
    """Raises Refused if there is no such device that the principal can see."""
    seen = with_presence(access.visible_devices(principal)).defer("data")
    device: Device | None = seen.filter(id=device_id).first()
    if device is None:
        raise DeviceRefusal.NOT_FOUND(device_id)
    return device


def find(principal: Principal, wanted: PresenceFilter) -> DevicesThere:
    """The devices of `presence/list`, in no order. Raises Refused."""
    found = devices.find(principal, wanted).queryset
    if wanted.connected is not None:
        found = are_connected(found, wanted.connected)
    if wanted.silent_seconds is not None:
        if wanted.silent_seconds < 1:
            raise ProtocolRefusal.INVALID_PARAMETERS()
        found = are_silent(found, timedelta(seconds=wanted.silent_seconds))
    if wanted.heard is not None:
        found = were_heard(found, wanted.heard)
    return with_presence(found).defer("data")


def are_connected(found: QuerySet[Device], connected: bool) -> QuerySet[Device]:
    are = _has_presence(is_connected=True)
    return found.filter(are if connected else ~are)


def are_silent(found: QuerySet[Device], limit: timedelta) -> QuerySet[Device]:
    """The devices that were heard from, but not within the last `limit`."""
    return found.filter(_has_presence(heard_at__lt=now() - limit))


def have_fallen_silent(found: QuerySet[Device]) -> QuerySet[Device]:
    """The devices that were heard from, but have been silent for longer than they may be."""
    return found.filter(_has_presence(is_silent=True))


def were_heard(found: QuerySet[Device], heard: bool) -> QuerySet[Device]:
    """The devices that were ever heard from, or never were."""
    were = _has_presence(heard_at__isnull=False)
    return found.filter(were if heard else ~were)


def _has_presence(**conditions: Any) -> Exists:
    of_this = {"device": OuterRef("pk"), "generation": OuterRef("generation")}
    return Exists(Presence.objects.filter(**of_this, **conditions))


def presence_of(device: Device) -> Presence | None:
    """The presence of a device that was read with `select_related("presence")`."""
    found: Presence | None = getattr(device, "presence", None)
    return found if found and found.generation == device.generation else None


def count_by_state() -> dict[str, int]:
    """Count all devices, the connected and the silent ones; takes about 30 ms for 100,000."""
    there = Presence.objects.filter(OF_DEVICE)
    return {
        "all": Device.objects.count(),
        "connected": there.filter(is_connected=True).count(),
        "silent": there.filter(is_silent=True).count(),
    }
