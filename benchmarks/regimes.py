"""What is measured: the ways in which devices save."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle

import msgspec

from benchmarks.contenders import Running
from benchmarks.load import Saver, run
from benchmarks.proc import CpuMeter, MachineMeter

DEVICES = 1_000
WARM_UP_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    name: str
    title: str
    connections: int
    depth: int
    """Saves that each connection has in flight."""


REGIMES = (
    Regime(name="one", title="1 connection", connections=1, depth=1),
    Regime(name="many", title="200 connections", connections=200, depth=1),
    Regime(name="pipelined", title="50 connections, 20 in flight each", connections=50, depth=20),
)


class Measured(msgspec.Struct, kw_only=True):
    """One round of one contender."""

    database: str
    regime: str
    round: int
    contender: str
    saves: int
    failures: int
    saves_per_second: float
    p50_ms: float
    p99_ms: float
    server_cpu_us: float
    """For each save, like the next."""
    database_cpu_us: float | None
    server_core: float
    """Share of its core that the server used, like the next."""
    load_core: float
    others_core: float
    """What processes that have no part in this used meanwhile."""


def seed(server: Running) -> None:
    """Save every device once, so that what is measured is mostly updates."""
    with connected(server, 50) as savers:
        while len(server.target.acknowledged) < DEVICES:
            run(savers, depth=1, seconds=0.2)


@contextmanager
def connected(server: Running, connections: int) -> Iterator[list[Saver]]:
    """Connections that share the devices evenly and open one after the other."""
    ids = [f"device-{number:04}" for number in range(DEVICES)]
    with ExitStack() as stack:
        savers = []
        for number in range(connections):
            saver = Saver(server.target, cycle(ids[number::connections]))
            stack.callback(saver.close)
            savers.append(saver)
        yield savers


def measure(server: Running, regime: Regime, number: int, seconds: float) -> Measured:
    server_cpu, database_cpu = CpuMeter(server.processes), CpuMeter(server.database.processes)
    machine = MachineMeter()
    failed = len(server.target.failures)
    with connected(server, regime.connections) as savers:
        window = run(
            savers,
            depth=regime.depth,
            seconds=seconds,
            warm_up=WARM_UP_SECONDS,
            meters=(server_cpu, database_cpu, machine),
        )
    failures = server.target.failures[failed:]
    if not window.counted:
        raise RuntimeError(f"{server.contender.name} saved nothing: {failures[:1]}")
    latencies = sorted(window.counted)
    saves = len(latencies)
    parts = server_cpu.seconds + database_cpu.seconds + window.load_cpu
    return Measured(
        database=server.database.vendor,
        regime=regime.name,
        round=number,
        contender=server.contender.name,
        saves=saves,
        failures=len(failures),
        saves_per_second=saves / window.seconds,
        p50_ms=percentile(latencies, 50) * 1e3,
        p99_ms=percentile(latencies, 99) * 1e3,
        server_cpu_us=server_cpu.seconds / saves * 1e6,
        database_cpu_us=database_cpu.seconds / saves * 1e6 if database_cpu.before else None,
        server_core=server_cpu.seconds / window.seconds,
        load_core=window.load_cpu / window.seconds,
        others_core=max(0.0, machine.seconds - parts) / window.seconds,
    )


def percentile(ascending: list[float], percent: int) -> float:
    return ascending[len(ascending) * percent // 100]
