"""Presence in the list of devices and on their pages (ADR 30)."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

from devices.models import Device, Presence, SilenceLimit, User
from devices.services import presence, server_processes
from devices.services.presence import EARLIEST, presence_of

SILENCES = {
    "silent-10-min": ("Silent for 10 minutes", timedelta(minutes=10)),
    "silent-1-h": ("Silent for an hour", timedelta(hours=1)),
    "silent-1-day": ("Silent for a day", timedelta(days=1)),
}
STATES = {"connected": "connected", "disconnected": "not connected"}


class ByPresence(admin.SimpleListFilter):
    title = "presence"
    parameter_name = "there__exact"  # `lookup_allowed` requires this suffix.

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [
            ("connected", "Connected"),
            ("disconnected", "Not connected"),
            ("silent", "Silent for longer than its type may be"),
            *((name, title) for name, (title, _) in SILENCES.items()),
            ("never", "Never heard of"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Device]) -> QuerySet[Device]:
        value = self.value()
        if value in SILENCES:
            return presence.are_silent(queryset, SILENCES[value][1])
        if value == "silent":
            return presence.have_fallen_silent(queryset)
        if value == "never":
            return presence.were_heard(queryset, False)
        if value in ("connected", "disconnected"):
            return presence.are_connected(queryset, value == "connected")
        return queryset


class SilenceLimitInline(admin.StackedInline):  # type: ignore[type-arg]  # has no [] at run time
    model = SilenceLimit
    fields = ("seconds",)


class PresenceColumns:
    """Columns with the presence of devices, for lists that read it with them."""

    @admin.display(description="presence", ordering=Coalesce("presence__since", EARLIEST))
    def its_presence(self, device: Device) -> str:
        return dot(presence_of(device))

    @admin.display(description="last heard", ordering=Coalesce("presence__heard_at", EARLIEST))
    def last_heard(self, device: Device) -> str:
        there = presence_of(device)
        if there is None or there.heard_at is None:
            return ""
        title = f"{timezone.localtime(there.heard_at):%Y-%m-%d %H:%M:%S} UTC, from {there.address}"
        return format_html('<span title="{}">{}</span>', title, ago(there))


def dot(there: Presence | None) -> str:
    """A coloured dot, with its meaning in words for people who cannot see the colour."""
    if there is None:
        return format_html('<span class="presence never">{}</span>', "never heard of")
    name = "connected" if there.is_connected else "disconnected"
    text = "silent" if there.is_silent else STATES[name]
    return format_html('<span class="presence {}">{}</span>', name, text)


def ago(there: Presence) -> str:
    """How long ago the device was heard from, coarsely."""
    assert there.heard_at is not None
    if timezone.now() - there.heard_at < timedelta(minutes=1):
        return "just now"
    return f"{timesince(there.heard_at, depth=1)} ago"


def shown_presence(device: Device) -> dict[str, Any]:
    """The presence that a device's page shows; takes three queries."""
    there = Presence.objects.filter(pk=device.pk, generation=device.generation).first()
    if there is None:
        return {"dot": dot(None)}
    user = there.user_id and User.objects.filter(pk=there.user_id).first()
    return {
        "dot": dot(there),
        "there": there,
        "user": user,
        "ago": there.heard_at and ago(there),
        "processes": server_processes.names_with(device.pk),
    }
