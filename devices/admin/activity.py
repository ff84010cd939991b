"""The page Activity, for people without Prometheus: plots of the last day, the server processes and
the slowest actions."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from devicehive import metrics
from devicehive.metrics import ACTION_SECONDS, AUTHENTICATED, CONNECTIONS
from devices.admin.plots import Plot
from devices.models import Attachment, ServerMinute, ServerProcess
from devices.services import server_minutes, server_processes
from devices.services.presence import count_by_state

PLOTS = {
    "connections": ("Connections", ""),
    "saves": ("Saves", " a minute"),
    "notifications": ("Notifications", " a minute"),
    "refusals": ("Refused requests", " a minute"),
}
SHOWN_ACTIONS = 10
NEARLY_ALL = 0.99


class Slowness(NamedTuple):
    """How long the answers of an action took."""

    action: str
    requests: int
    mean: float
    within: float | None
    """Seconds within which 99 of 100 were answered; None if longer than the highest bound."""

    @classmethod
    def of(cls, action: str, spread: list[float]) -> Self:
        *counts, total = spread
        requests, so_far, within = int(sum(counts)), 0.0, None
        for bound, count in zip(ACTION_SECONDS.bounds, counts, strict=False):
            so_far += count
            if so_far >= NEARLY_ALL * requests:
                within = bound
                break
        return cls(action, requests, total / requests, within)


class ShownProcess(NamedTuple):
    name: str
    devices: int
    connections: int
    authenticated: int
    minute: ServerMinute | None
    """The last minute that the process has written."""
    slowest: Slowness | None


def activity_view(request: HttpRequest) -> HttpResponse:
    day = server_minutes.of_last_day()
    counted = server_processes.snapshots(metrics.snapshot())
    context = {
        **admin.site.each_context(request),
        "title": "Activity",
        "devices": count_by_state(),
        "plots": [
            Plot.of(*titles, [each[kind] if each else None for each in day])
            for kind, titles in PLOTS.items()
        ],
        "processes": [_shown(process, counted) for process in server_processes.living()],
        "slowest": _slowest(counted.values())[:SHOWN_ACTIONS],
        "longest_bound": ACTION_SECONDS.bounds[-1],
    }
    return TemplateResponse(request, "admin/devices/activity.html", context)


def _shown(process: ServerProcess, counted: Mapping[str, Any]) -> ShownProcess:
    own = counted.get(process.name, {})
    return ShownProcess(
        name=process.name,
        devices=Attachment.objects.filter(process=process.pk).count(),
        connections=_level(own, CONNECTIONS.name),
        authenticated=_level(own, AUTHENTICATED.name),
        minute=server_minutes.last_of(process.pk),
        slowest=next(iter(_slowest([own])), None),
    )


def _level(counted: Mapping[str, Any], name: str) -> int:
    return int(sum(value for _, value in counted.get(name, ())))


def _slowest(counted: Iterable[Mapping[str, Any]]) -> list[Slowness]:
    """The actions that all processes together have answered, the slowest first."""
    spreads: dict[str, list[float]] = {}
    for each in counted:
        for (action,), spread in each.get(ACTION_SECONDS.name, ()):
            known = spreads.get(action, [0] * len(spread))
            spreads[action] = [sum(pair) for pair in zip(known, spread, strict=False)]
    found = [Slowness.of(action, spread) for action, spread in spreads.items()]
    return sorted(found, key=lambda each: each.mean, reverse=True)
