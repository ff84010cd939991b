"""Measure a round: CPU, memory and latencies, and the result."""

from collections.abc import Callable

import msgspec

from benchmarks.proc import CpuMeter, MachineMeter
from benchmarks.running import Running
from benchmarks.window import Window

BUSY_MACHINE = 0.2
"""The share of a core that other processes may use before a round counts as disturbed."""
MOST_REPEATS = 2
"""How often a disturbed round is measured again."""


class Measured(msgspec.Struct, kw_only=True):
    """The result of one round of one contender."""

    database: str
    regime: str
    round: int
    contender: str
    count: int
    """The number of saves, or of what else the regime counts."""
    failures: int
    per_second: float
    p50_ms: float
    p99_ms: float
    server_cpu_us: float
    """Microseconds for each of `count`; so is the next."""
    database_cpu_us: float | None
    server_core: float
    """The share of its core that the server used; the next is that of the load."""
    load_core: float
    others_core: float
    """The share of a core that unrelated processes used meanwhile."""

    @property
    def is_disturbed(self) -> bool:
        return self.others_core > BUSY_MACHINE


def measure_undisturbed(take: Callable[[], Measured]) -> Measured:
    """Measure a round, and if it was disturbed, once or twice more; the least disturbed counts."""
    best = take()
    for _ in range(MOST_REPEATS):
        if best.is_disturbed:
            best = min(best, take(), key=lambda each: each.others_core)
    return best


class Meters:
    """The meters for the rounds of a contender."""

    def __init__(self, server: Running) -> None:
        self.server = server
        self.server_cpu = CpuMeter(server.processes)
        self.database_cpu = CpuMeter(server.database.processes)
        self.machine = MachineMeter()
        self.all = (self.server_cpu, self.database_cpu, self.machine)
        self.failed = len(server.target.failures)

    def measured(self, regime: str, number: int, window: Window) -> Measured:
        server_cpu, database_cpu = self.server_cpu.seconds, self.database_cpu.seconds
        failures = self.server.target.failures[self.failed :]
        if not window.counted:
            raise RuntimeError(f"{self.server.contender.name} did nothing: {failures[:1]}")
        latencies = sorted(window.counted)
        count = len(latencies)
        parts = server_cpu + database_cpu + window.load_cpu
        return Measured(
            database=self.server.database.vendor,
            regime=regime,
            round=number,
            contender=self.server.contender.name,
            count=count,
            failures=len(failures),
            per_second=count / window.seconds,
            p50_ms=percentile(latencies, 50) * 1e3,
            p99_ms=percentile(latencies, 99) * 1e3,
            server_cpu_us=server_cpu / count * 1e6,
            database_cpu_us=database_cpu / count * 1e6 if self.database_cpu.before else None,
            server_core=server_cpu / window.seconds,
            load_core=window.load_cpu / window.seconds,
            others_core=max(0.0, self.machine.seconds - parts) / window.seconds,
        )


def percentile(ascending: list[float], percent: int) -> float:
    return ascending[len(ascending) * percent // 100]
