"""What a round is measured with, and what was found."""

from collections.abc import Callable

import msgspec

from benchmarks.proc import CpuMeter, MachineMeter
from benchmarks.running import Running
from benchmarks.window import Window

BUSY_MACHINE = 0.2
"""Share of a core: above it, what others did on the machine is part of what was measured."""
MOST_REPEATS = 2
"""How often a round is measured again in which they did more."""


class Measured(msgspec.Struct, kw_only=True):
    """One round of one contender."""

    database: str
    regime: str
    round: int
    contender: str
    count: int
    """Saves, or what else the regime counts."""
    failures: int
    per_second: float
    p50_ms: float
    p99_ms: float
    server_cpu_us: float
    """For each of `count`, like the next."""
    database_cpu_us: float | None
    server_core: float
    """Share of its core that the server used, like the next."""
    load_core: float
    others_core: float
    """What processes that have no part in this used meanwhile."""

    @property
    def is_disturbed(self) -> bool:
        return self.others_core > BUSY_MACHINE


def measure_undisturbed(take: Callable[[], Measured]) -> Measured:
    """Take a round, and if others used the machine meanwhile, once or twice more: the least
    disturbed counts."""
    best = take()
    for _ in range(MOST_REPEATS):
        if best.is_disturbed:
            best = min(best, take(), key=lambda each: each.others_core)
    return best


class Meters:
    """What a round of a contender is measured with."""

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
