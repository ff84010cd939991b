"""The metrics that the server counts, for `/metrics`.

Counting is only an addition in a dictionary, because the hot paths do it. Metrics are counted on
the event loop unless they say otherwise. They become text only when `/metrics` is requested, and
every few seconds for the other processes.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

Labels = tuple[str, ...]


class Reading(NamedTuple):
    """The value of a metric for some values of its labels."""

    labels: Labels
    value: Any


class Metric:
    """A metric with a value for each combination of values of its labels."""

    kind = "counter"

    def __init__(self, name: str, text: str, *labels: str) -> None:
        self.name = name
        self.text = text
        self.labels = labels
        metrics[name] = self

    def read(self) -> Iterator[Reading]:
        """The present values. Any thread may call this."""
        raise NotImplementedError


metrics: dict[str, Metric] = {}
"""All metrics, by their names in Prometheus."""


class Counter(Metric):
    """A number that only grows, by `values[labels] += 1`."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        super().__init__(name, text, *labels)
        self.values: defaultdict[Labels, int] = defaultdict(int)
        if not labels:
            self.values[()] = 0

    def read(self) -> Iterator[Reading]:
        # Copied first, because the event loop goes on counting.
        return map(Reading._make, list(self.values.items()))


class Level(Metric):
    """A number that goes up and down. Its sources are called when it is read, in any thread."""

    kind = "gauge"

    def __init__(self, name: str, text: str, *labels: str) -> None:
        super().__init__(name, text, *labels)
        self.sources: dict[Labels, Callable[[], float]] = {}

    def read(self) -> Iterator[Reading]:
        return (Reading(labels, source()) for labels, source in list(self.sources.items()))


class Spread(Metric):
    """A histogram: how many measured values lie below each bound."""

    kind = "histogram"

    def __init__(self, name: str, text: str, *labels: str, bounds: Sequence[float]) -> None:
        super().__init__(name, text, *labels)
        self.bounds = bounds
        self.values: dict[Labels, list[float]] = {}
        """The number of values in each bucket, the last of which has no bound; and at the end, the
        sum of all values."""

    def add(self, labels: Labels, value: float) -> None:
        found = self.values.get(labels)
        if found is None:
            found = self.values[labels] = [0] * (len(self.bounds) + 2)
        found[bisect_left(self.bounds, value)] += 1
        found[-1] += value

    def read(self) -> Iterator[Reading]:
        return (Reading(labels, list(value)) for labels, value in list(self.values.items()))


ANSWERED = Counter(
    "devicehive_actions",
    "Requests that were answered, over the WebSocket and REST; 200 for success.",
    "action",
    "code",
)
ACTION_SECONDS = Spread(
    "devicehive_action_seconds",
    "Time from reading a request to its answer, without polls, which wait.",
    "action",
    bounds=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
BATCH_ITEMS = Spread(
    "devicehive_batch_items",
    "Requests that shared a batch.",
    "batch",
    bounds=(1, 2, 5, 10, 20, 50, 100, 200, 500),
)
BATCH_SECONDS = Spread(
    "devicehive_batch_seconds",
    "Time that a batch took, with its commit.",
    "batch",
    bounds=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
DROPS = Counter(
    "devicehive_drops",
    "WebSockets that the server has closed because of what the client did or failed to do.",
    "reason",
)
DELIVERED = Counter("devicehive_events_delivered", "Events that were pushed, by listener.")
MISSED = Counter(
    "devicehive_events_missed",
    "Events of other processes that no message brought, so that they were read from the database.",
)
CONNECTIONS = Level("devicehive_connections", "Open WebSockets.")
AUTHENTICATED = Level(
    "devicehive_authenticated_connections", "Open WebSockets that have authenticated."
)
UNSENT = Level("devicehive_unsent_bytes", "Bytes that clients have yet to read.")
WAITING_REQUESTS = Level(
    "devicehive_waiting_requests", "Requests that wait for the next batch.", "batch"
)
LOG_INS = Level("devicehive_waiting_logins", "Passwords that wait to be hashed.")
WAITING_CALLS = Level(
    "devicehive_waiting_calls",
    "Calls of the ORM that wait for one of the threads, each of which has its own connection.",
    "threads",
)


def note_answer(action: str, code: int, seconds: float | None) -> None:
    """Count an answer, and the seconds since its request was read; None for a poll."""
    ANSWERED.values[action, str(code)] += 1
    if seconds is not None:
        ACTION_SECONDS.add((action,), seconds)


def snapshot() -> dict[str, list[Reading]]:
    """The present values of all metrics, by their names."""
    return {name: list(metric.read()) for name, metric in list(metrics.items())}
