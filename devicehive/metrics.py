"""What the server counts of itself, for `/metrics`.

To count is an addition in a dictionary: the hot paths do it. All is counted on the event loop but
for what says otherwise, and told as text only when somebody asks, or for the other processes, every
few seconds.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

Labels = tuple[str, ...]


class Reading(NamedTuple):
    """What a metric has counted under some values of its labels."""

    labels: Labels
    value: Any


class Metric:
    """Something that is counted, by the values of its labels."""

    kind = "counter"

    def __init__(self, name: str, text: str, *labels: str) -> None:
        self.name = name
        self.text = text
        self.labels = labels
        metrics[name] = self

    def read(self) -> Iterator[Reading]:
        raise NotImplementedError


metrics: dict[str, Metric] = {}
"""All, by the name under which Prometheus knows them."""


class Counter(Metric):
    """Grows; `values[labels] += 1`."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        super().__init__(name, text, *labels)
        self.values: defaultdict[Labels, int] = defaultdict(int)
        if not labels:
            self.values[()] = 0

    def read(self) -> Iterator[Reading]:
        # Copied at once: the event loop goes on counting.
        return map(Reading._make, list(self.values.items()))


class Level(Metric):
    """What is now, and may be less later: asked for when it is read, in any thread."""

    kind = "gauge"

    def __init__(self, name: str, text: str, *labels: str) -> None:
        super().__init__(name, text, *labels)
        self.sources: dict[Labels, Callable[[], float]] = {}

    def read(self) -> Iterator[Reading]:
        return (Reading(labels, source()) for labels, source in list(self.sources.items()))


class Spread(Metric):
    """How often what was measured was at most so much."""

    kind = "histogram"

    def __init__(self, name: str, text: str, *labels: str, bounds: Sequence[float]) -> None:
        super().__init__(name, text, *labels)
        self.bounds = bounds
        self.values: dict[Labels, list[float]] = {}
        """By bound, the last without one, how often; and at the end, the sum of all."""

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
    "How long after a request was read it was answered; polls, which wait, are left out.",
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
    "How long a batch took, with its commit.",
    "batch",
    bounds=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
DROPS = Counter(
    "devicehive_drops",
    "WebSockets that the server has ended for what the client did, or did not.",
    "reason",
)
DELIVERED = Counter("devicehive_events_delivered", "Events that were pushed, by listener.")
MISSED = Counter(
    "devicehive_events_missed",
    "Events that came by no message of another process and were read from the database.",
)
CONNECTIONS = Level("devicehive_connections", "WebSockets that are open.")
AUTHENTICATED = Level(
    "devicehive_authenticated_connections", "WebSockets that are open and have authenticated."
)
UNSENT = Level("devicehive_unsent_bytes", "Bytes that wait for clients to read.")
WAITING_REQUESTS = Level(
    "devicehive_waiting_requests", "Requests that wait for the next batch.", "batch"
)
LOG_INS = Level("devicehive_waiting_logins", "Passwords that wait for their turn to be hashed.")
WAITING_CALLS = Level(
    "devicehive_waiting_calls",
    "Calls of the ORM that wait for one of the threads, each of which has its own connection.",
    "threads",
)


def note_answer(action: str, code: int, seconds: float | None) -> None:
    """Count a request that is answered so long after it was read; None for a poll."""
    ANSWERED.values[action, str(code)] += 1
    if seconds is not None:
        ACTION_SECONDS.add((action,), seconds)


def snapshot() -> dict[str, list[Reading]]:
    """All that was counted, by the names of the metrics."""
    return {name: list(metric.read()) for name, metric in list(metrics.items())}
