"""The measured part of a round."""

import time
from collections.abc import Sequence

from benchmarks.proc import Meter

SILENCE_SECONDS = 20
"""After this time without any answer, the server is considered dead."""


class Window:
    """The time in which answers count: `seconds` long, after a warm-up.

    If there is no answer in it, as on a busy machine, it lasts until there is one.
    """

    def __init__(self, *, warm_up: float, seconds: float, meters: Sequence[Meter]) -> None:
        self.start = time.perf_counter() + warm_up
        self.stop = self.start + seconds
        self.latest = self.stop + SILENCE_SECONDS
        self.meters = meters
        self.opened = self.closed = False
        self.seconds = self.load_cpu = 0.0
        self.latencies: list[float] = []
        """The latencies of the saves that count while the window is open; otherwise of others."""
        self.counted = self.latencies

    def look(self, now: float) -> None:
        """Open or close the window if it is time."""
        if not self.opened and now >= self.start:
            self.open()
        elif not self.closed and now >= (self.stop if self.latencies else self.latest):
            self.close()

    def open(self) -> None:
        self.opened = True
        for meter in self.meters:
            meter.begin()
        self.load_cpu = -time.process_time()
        self.seconds = -time.perf_counter()
        self.counted = self.latencies = []

    def close(self) -> None:
        self.closed = True
        self.seconds += time.perf_counter()
        self.load_cpu += time.process_time()
        for meter in self.meters:
            meter.end()
        self.latencies = []
