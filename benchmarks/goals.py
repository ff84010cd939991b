"""The goals of this server, as ratios to its peers within one run."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import sub, truediv
from statistics import median

from benchmarks.catalogue import EVERY_REGIME
from benchmarks.idle import Idle
from benchmarks.measuring import Measured
from benchmarks.results import Results

MOST_IDLE_KIB = 35
MOST_SLOWDOWN = 2.0


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal for a figure of a contender, by default this server. The figure is divided by that of
    a peer, round by round, or their difference is taken. If the peer is a regime, the contender is
    compared with itself in that regime; without a peer, the figure itself is the goal."""

    database: str
    regime: str
    peer: str | None
    title: str
    of: Callable[[Measured], float | None]
    least: float | None = None
    most: float | None = None
    compare: Callable[[float, float], float] = truediv
    contender: str = "server"

    def reached(self, found: float) -> bool:
        return (self.least is None or found >= self.least) and (
            self.most is None or found <= self.most
        )

    @property
    def wanted(self) -> str:
        return f"≥ {self.least:,g}" if self.least is not None else f"≤ {self.most:,g}"


def speed(measured: Measured) -> float:
    return measured.per_second


def p50(measured: Measured) -> float:
    return measured.p50_ms


def p99(measured: Measured) -> float:
    return measured.p99_ms


def per_cpu_second(measured: Measured) -> float:
    return 1e6 / measured.server_cpu_us


def server_cpu(measured: Measured) -> float:
    return measured.server_cpu_us


def database_cpu(measured: Measured) -> float | None:
    return measured.database_cpu_us


def seconds_of_10_000(measured: Measured) -> float:
    return 10_000 / measured.per_second


def on_each(database: str, *, full: float) -> tuple[Goal, ...]:
    many, one = partial(Goal, database, "many"), partial(Goal, database, "one")
    return (
        Goal(database, "inserts", "many", "inserts/s, times saves/s", speed, least=0.75),
        Goal(database, "guessed", "many", "p99, times without guesses", p99, most=2),
        Goal(database, "unchanged", "many", "saves/s, times changed ones", speed, least=1.5),
        Goal(database, "get", None, "reads/s", speed, least=5_000),
        Goal(database, "list", None, "p50 ms", p50, most=3),
        Goal(database, "authenticate", None, "a second", speed, least=4_000),
        Goal(database, "log-in", None, "log-ins/s", speed, least=2_000),
        Goal(database, "reconnect", None, "seconds for 10,000", seconds_of_10_000, most=8),
        many("server", "full, saves/s, times it", speed, least=full, contender="full"),
        one("server", "pruning, p50, times without", p50, most=1.2, contender="pruning"),
        many("server", "pruning, saves/s, times without", speed, least=0.9, contender="pruning"),
        many("server", "REDIS_URL, CPU, times without", server_cpu, most=1.05, contender="redis"),
        many("server", "column, CPU, times without", server_cpu, most=1.05, contender="column"),
    )


def over_http(database: str) -> tuple[Goal, ...]:
    return (
        Goal(database, "put", "viewset", "a CPU second, times (d)", per_cpu_second, least=4),
        Goal(database, "put", "many", "server CPU, times device/save", server_cpu, most=2),
        Goal(database, "get-rest", "viewset", "a CPU second, times (d)", per_cpu_second, least=4),
        Goal(database, "list-rest", "list", "p50, times device/list", p50, most=1.5),
        Goal(database, "poll", "push", "p50 ms, more than a push", p50, most=2, compare=sub),
    )


GOALS = (
    Goal("SQLite", "many", "naive", "saves/s, times (b)", speed, least=7),
    Goal("SQLite", "pipelined", "naive", "saves/s, times (b)", speed, least=10),
    Goal("SQLite", "many", "echo", "saves/s, times (a)", speed, least=0.4),
    Goal("SQLite", "one", "naive", "p50, times (b)", p50, most=1),
    Goal("SQLite", "fan-1000", "naive", "a CPU second, times (b)", per_cpu_second, least=6),
    Goal("SQLite", "apart", "fan-1", "server CPU, times without them", server_cpu, most=1.2),
    Goal("PostgreSQL", "pair-100", "naive", "a CPU second, times (b)", per_cpu_second, least=1.8),
    Goal("PostgreSQL", "many", "naive", "saves/s, times (b)", speed, least=12),
    Goal("PostgreSQL", "many", "plain", "saves/s, times (c)", speed, least=2),
    Goal("PostgreSQL", "pipelined", "plain", "saves/s, times (c)", speed, least=3),
    Goal("PostgreSQL", "many", "plain", "database CPU, times (c)", database_cpu, most=0.25),
    Goal("PostgreSQL", "one", "naive", "p50, times (b)", p50, most=1),
    Goal("PostgreSQL", "one", "plain", "p50, times (c)", p50, most=1.6),
    Goal("PostgreSQL", "one", "plain", "database CPU, times (c)", database_cpu, most=1.5),
    *on_each("SQLite", full=0.6),
    *on_each("PostgreSQL", full=0.9),
    *over_http("SQLite"),
    *over_http("PostgreSQL"),
)


def rows(results: Results) -> list[list[str]]:
    """For each goal: its name, what is wanted, the median, the range of the rounds, whether met."""
    found = []
    for goal in GOALS:
        compared = _compared(goal, results)
        if compared:
            middle = median(compared)
            title = next(each.title for each in EVERY_REGIME if each.name == goal.regime)
            found.append(
                [
                    f"{goal.database}, {title}: {goal.title}",
                    goal.wanted,
                    _shown(middle),
                    f"{_shown(min(compared))} to {_shown(max(compared))}",
                    _met(goal.reached(middle)),
                ]
            )
    for idle in results.idle:
        found += _idle_rows(idle)
    return found


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _compared(goal: Goal, results: Results) -> list[float]:
    own = results.of(goal.database, goal.regime, goal.contender)
    if goal.peer is None:
        return [value for value in map(goal.of, own) if value is not None]
    other = (goal.regime, goal.peer)
    if any(goal.peer == each.name for each in EVERY_REGIME):
        other = (goal.peer, goal.contender)
    pairs = zip(
        own,
        results.of(goal.database, *other),
        strict=False,  # The run may have been asked to measure only one of the two.
    )
    values = [(goal.of(server), goal.of(peer)) for server, peer in pairs]
    return [goal.compare(server, peer) for server, peer in values if server is not None and peer]


def _idle_rows(idle: Idle) -> list[list[str]]:
    kib, slowdown = idle.bytes_each / 1024, idle.beside_p50_ms / idle.alone_p50_ms
    title = f"{idle.database}, {idle.connections:,} idle connections"
    return [
        [f"{title}: KiB each", f"≤ {MOST_IDLE_KIB}", f"{kib:.1f}", "", _met(kib <= MOST_IDLE_KIB)],
        [
            f"{title}: p50 of a lone save, times without them",
            f"≤ {MOST_SLOWDOWN:g}",
            f"{slowdown:.2f}",
            "",
            _met(slowdown <= MOST_SLOWDOWN),
        ],
    ]


def _met(yes: bool) -> str:
    return "yes" if yes else "no"
