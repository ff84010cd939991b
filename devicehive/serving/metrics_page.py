"""`/metrics`: what all processes have counted, in the words of Prometheus, for who has the token.

Each process writes what it has counted beside its beat, so that whichever is asked tells of all, by
`process`: the counters of one begin anew with it, and Prometheus adds up what it sees of each.
"""

import hmac
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from devicehive.metrics import Metric, Spread, metrics, snapshot

logger = logging.getLogger(__name__)

Snapshot = Mapping[str, Sequence[tuple[Sequence[str], Any]]]
"""What a process has counted: labels and value, by the name of the metric."""
FAMILIES = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
    "histogram": HistogramMetricFamily,
}
Snapshots = Mapping[str, Snapshot]
"""By the name of the process."""


def show(request: HttpRequest) -> HttpResponse:
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    text = generate_latest(Counted())
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


class Counted:
    """All there is to tell; without the database, what this process knows."""

    def collect(self) -> Iterator[Any]:
        others: Callable[[dict[str, Any]], Snapshots] = import_string(settings.PROCESS_SNAPSHOTS)
        states: Callable[[], Mapping[str, int]] = import_string(settings.DEVICE_STATES)
        own = snapshot()
        try:
            found, devices = others(own), states()
        except DatabaseError as error:
            logger.warning("only the metrics of this process are told: %s", error)
            found, devices = {"this": own}, {}
        for metric in metrics.values():
            yield _family(metric, found)
        yield _devices(devices)


def _family(metric: Metric, found: Snapshots) -> Any:
    family: Any = FAMILIES[metric.kind](
        metric.name, metric.text, labels=[*metric.labels, "process"]
    )
    for process, counted in found.items():
        for values, value in counted.get(metric.name, ()):
            if isinstance(metric, Spread):
                family.add_metric([*values, process], _buckets(metric, value), value[-1])
            else:
                family.add_metric([*values, process], value)
    return family


def _buckets(metric: Spread, value: Sequence[float]) -> list[tuple[str, float]]:
    """How many were at most each bound."""
    bounds = [*map(str, metric.bounds), "+Inf"]
    return [(bound, sum(value[: place + 1])) for place, bound in enumerate(bounds)]


def _devices(states: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "devicehive_devices", "Devices of the installation, whatever the process.", labels=["state"]
    )
    for state, count in states.items():
        family.add_metric([state], count)
    return family
