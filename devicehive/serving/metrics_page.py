"""The page `/metrics`: the metrics of all processes for Prometheus, which has to send the token.

Each process stores its metrics with its heartbeat, so that any process can show those of all, with
a label `process`. The counters of a process start at 0 with it; Prometheus handles that by label.
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
"""The metrics of a process: by name, labels and values."""
FAMILIES = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
    "histogram": HistogramMetricFamily,
}
Snapshots = Mapping[str, Snapshot]
"""The metrics of all processes, by the name of the process."""


def show(request: HttpRequest) -> HttpResponse:
    """The view of `/metrics`: 404 without METRICS_TOKEN, 401 without that token in the request."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    text = generate_latest(Counted())
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


class Counted:
    """Collects the metrics of all processes; without the database, those of this process only."""

    def collect(self) -> Iterator[Any]:
        others: Callable[[dict[str, Any]], Snapshots] = import_string(settings.PROCESS_SNAPSHOTS)
        states: Callable[[], Mapping[str, int]] = import_string(settings.DEVICE_STATES)
        own = snapshot()
        try:
            found, devices = others(own), states()
        except DatabaseError as error:
            logger.warning("only the metrics of this process are shown: %s", error)
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
    """Prometheus's cumulative buckets: for each bound, how many values were at most that."""
    bounds = [*map(str, metric.bounds), "+Inf"]
    return [(bound, sum(value[: place + 1])) for place, bound in enumerate(bounds)]


def _devices(states: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "devicehive_devices", "Devices of the installation, whatever the process.", labels=["state"]
    )
    for state, count in states.items():
        family.add_metric([state], count)
    return family
