"""Measure idle connections: the memory of each, and how much they slow down one that saves."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

import msgspec

from benchmarks import proc
from benchmarks.contenders import SERVER
from benchmarks.files import most_connections
from benchmarks.load import Idler, Target, answer_pings, run
from benchmarks.measuring import percentile
from benchmarks.regimes import WARM_UP_SECONDS, connected, seed
from benchmarks.running import Running, running

IDLE = "idle"
SETTLE_EVERY = 500
"""How many connections are opened before pings are answered again."""


class Idle(msgspec.Struct, kw_only=True):
    database: str
    connections: int
    bytes_each: float
    alone_p50_ms: float
    alone_p99_ms: float
    beside_p50_ms: float
    beside_p99_ms: float


def measure_idle(
    vendor: str, folder: Path, *, core: int, seconds: float, said: Callable[[str], None]
) -> Idle:
    """Measure with a server of its own, so that no memory of earlier connections is reused."""
    contender = replace(SERVER, name="idle")
    count = most_connections()
    idlers: list[Idler] = []
    with running(contender, vendor, folder, core=core) as server:
        seed(server, said=said)
        # Before and after, so that a slowdown of the machine is not taken for their cost.
        alone = lone_saves(server, seconds)
        before = proc.resident_bytes(server.process.pid)
        try:
            connect(server.target, count, idlers, said)
            grown = proc.resident_bytes(server.process.pid) - before
            beside = lone_saves(server, seconds, idlers)
        finally:
            for idler in idlers:
                idler.close()
        alone_again = lone_saves(server, seconds)
        if wrong := server.target.failures or server.wrongly_stored():
            raise RuntimeError(f"not saved as acknowledged: {wrong[:3]}")
    return Idle(
        database=vendor,
        connections=count,
        bytes_each=grown / count,
        alone_p50_ms=median((percentile(alone, 50), percentile(alone_again, 50))) * 1e3,
        alone_p99_ms=median((percentile(alone, 99), percentile(alone_again, 99))) * 1e3,
        beside_p50_ms=percentile(beside, 50) * 1e3,
        beside_p99_ms=percentile(beside, 99) * 1e3,
    )


def connect(target: Target, count: int, idlers: list[Idler], said: Callable[[str], None]) -> None:
    for number in range(count):
        idlers.append(Idler(target.port, target.token))
        if number % SETTLE_EVERY == 0:
            answer_pings(idlers)
            said(f"{number} of {count} idle connections")
    answer_pings(idlers)


def lone_saves(server: Running, seconds: float, idlers: list[Idler] | None = None) -> list[float]:
    """The latencies of one connection that saves and waits, in ascending order."""
    with connected(server, 1) as savers:
        window = run(savers, depth=1, seconds=seconds, warm_up=WARM_UP_SECONDS, idlers=idlers or ())
    return sorted(window.counted)
