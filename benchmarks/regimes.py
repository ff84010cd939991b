"""What is measured: the ways in which devices save."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle

import msgspec

from benchmarks.contenders import CONTENDERS
from benchmarks.databases import VENDORS
from benchmarks.load import Asker, Inserter, Saver, Target, Window, run
from benchmarks.logging_in import Guesser, Newcomer, Returner
from benchmarks.proc import CpuMeter, MachineMeter
from benchmarks.reading import Authenticator, Counter, Getter, Lister, PageLister
from benchmarks.rest import Putter, RestGetter, RestLister
from benchmarks.running import Running

DEVICES = 1_000
WARM_UP_SECONDS = 1.0
BUSY_MACHINE = 0.2
"""Share of a core: above it, what others did on the machine is part of what was measured."""
MOST_REPEATS = 2
"""How often a round is measured again in which they did more."""

OVER_WEBSOCKETS = tuple(each.name for each in CONTENDERS if each.saver is Saver)


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    name: str
    title: str
    connections: int
    depth: int
    """Saves that each connection has in flight."""
    unit: str = "saves"
    kind: Callable[[Target, Iterator[str]], Asker] = Saver
    """What each connection does."""
    guessers: int = 0
    """Connections beside them that try wrong passwords."""
    contenders: tuple[str, ...] = OVER_WEBSOCKETS
    databases: tuple[str, ...] = VENDORS
    processes: int = 1


REGIMES = (
    Regime(name="one", title="1 connection", connections=1, depth=1),
    Regime(name="many", title="200 connections", connections=200, depth=1),
    Regime(name="pipelined", title="50 connections, 20 in flight each", connections=50, depth=20),
    Regime(
        name="inserts",
        title="200 connections that insert notifications",
        connections=200,
        depth=1,
        unit="inserts",
        kind=Inserter,
        contenders=("server",),
    ),
    *(
        Regime(
            name=name,
            title=f"{connections} connection{'s' if connections > 1 else ''}, {action}",
            connections=connections,
            depth=1,
            unit=unit,
            kind=kind,
            contenders=("server",),
        )
        for name, connections, action, unit, kind in (
            ("get-one", 1, "device/get", "reads", Getter),
            ("get", 50, "device/get", "reads", Getter),
            ("authenticate", 50, "authenticate", "authentications", Authenticator),
            ("page", 10, "device/list of 20", "lists", PageLister),
            ("list", 1, "device/list of 1,000", "lists", Lister),
            ("count", 10, "device/count", "reads", Counter),
            ("log-in", 50, "token, again and again", "log-ins", Returner),
            ("first-log-in", 50, "token, each for the first time", "log-ins", Newcomer),
        )
    ),
    Regime(
        name="put",
        title="200 connections, PUT over HTTP",
        connections=200,
        depth=1,
        kind=Putter,
        contenders=("server", "viewset"),
    ),
    Regime(
        name="get-rest",
        title="50 connections, GET of a device over HTTP",
        connections=50,
        depth=1,
        unit="reads",
        kind=RestGetter,
        contenders=("server", "viewset"),
    ),
    Regime(
        name="list-rest",
        title="1 connection, GET of 1,000 devices over HTTP",
        connections=1,
        depth=1,
        unit="lists",
        kind=RestLister,
        contenders=("server",),
    ),
    Regime(
        name="guessed",
        title="200 connections beside 50 that guess passwords",
        connections=200,
        depth=1,
        guessers=50,
        contenders=("server",),
    ),
)


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


def seed(server: Running) -> None:
    """Save every device once, so that what is measured is mostly updates."""
    wanted = set(device_ids(server.devices))
    with connected(server, 50, server.contender.saver) as savers:
        while not server.target.acknowledged.keys() >= wanted:
            run(savers, depth=1, seconds=0.2)


def device_ids(count: int = DEVICES) -> list[str]:
    return [f"device-{number:04}" for number in range(count)]


@contextmanager
def connected(
    server: Running, connections: int, kind: Callable[[Target, Iterator[str]], Asker] = Saver
) -> Iterator[list[Asker]]:
    """Connections that share the devices evenly and open one after the other."""
    ids = device_ids(server.devices)
    with ExitStack() as stack:
        savers: list[Asker] = []
        for number in range(connections):
            saver = kind(server.target, cycle(ids[number::connections]))
            stack.callback(saver.close)
            savers.append(saver)
        yield savers


def measure(server: Running, regime: Regime, number: int, seconds: float) -> Measured:
    meters = Meters(server)
    with connected(server, regime.connections, regime.kind) as savers, ExitStack() as stack:
        guessers = [Guesser(server.target) for _ in range(regime.guessers)]
        for guesser in guessers:
            stack.callback(guesser.close)
        window = run(
            savers,
            depth=regime.depth,
            seconds=seconds,
            warm_up=min(WARM_UP_SECONDS, seconds),
            meters=meters.all,
            idlers=guessers,
        )
    return meters.measured(regime.name, number, window)


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
