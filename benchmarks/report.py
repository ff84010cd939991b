"""The tables: printed after a run, and written into docs/performance.md."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.contenders import CONTENDERS
from benchmarks.idle import Idle
from benchmarks.regimes import REGIMES, Measured
from benchmarks.results import Results

BEGIN, END = "<!-- a run: begin -->", "<!-- a run: end -->"
BUSY_LOAD = 0.8
"""Above this share of its core, the load itself may be what limits."""


def text(results: Results) -> str:
    parts = [
        f"{results.date}, commit {results.commit}, {results.machine}; {results.packages}.",
        f"Medians of {results.repeats} rounds of {results.seconds:g} s.",
        *(f"{name}: {durability}." for name, durability in results.databases.items()),
        *rounds_tables(results),
        idle_table(results.idle),
        targets_table(results),
        *doubts(results),
    ]
    return "\n\n".join(part for part in parts if part)


def write_document(results: Results, path: Path) -> None:
    before, _, rest = path.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\n{text(results)}\n\n{END}{after}")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table that also reads well as it is; numbers to the right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(
        "| "
        + " | ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        + " |"
        for line in [head, rule, *lines[1:]]
    )


def rounds_tables(results: Results) -> list[str]:
    tables = []
    for database in dict.fromkeys(measured.database for measured in results.rounds):
        for regime in REGIMES:
            rows = [
                row(contender.title, rounds)
                for contender in CONTENDERS
                if (rounds := select(results, database, regime.name, contender.name))
            ]
            if rows:
                head = (f"{database}, {regime.title}", *COLUMNS)
                tables.append(table(head, rows))
    return tables


COLUMNS = (
    "saves/s",
    "p50 ms",
    "p99 ms",
    "server CPU µs",
    "database CPU µs",
    "server core",
    "load core",
)


def row(title: str, rounds: list[Measured]) -> list[str]:
    database_cpu = [m.database_cpu_us for m in rounds if m.database_cpu_us is not None]
    return [
        title,
        f"{median(m.saves_per_second for m in rounds):,.0f}",
        f"{median(m.p50_ms for m in rounds):.2f}",
        f"{median(m.p99_ms for m in rounds):.2f}",
        f"{median(m.server_cpu_us for m in rounds):.0f}",
        f"{median(database_cpu):.0f}" if database_cpu else "",
        f"{median(m.server_core for m in rounds):.0%}",
        f"{median(m.load_core for m in rounds):.0%}",
    ]


def select(results: Results, database: str, regime: str, contender: str) -> list[Measured]:
    key = (database, regime, contender)
    return [m for m in results.rounds if (m.database, m.regime, m.contender) == key]


def idle_table(idle: list[Idle]) -> str:
    head = (
        "A lone save",
        "idle connections",
        "KiB each",
        "p50 ms alone",
        "p50 ms beside them",
        "p99 ms alone",
        "p99 ms beside them",
    )
    rows = [
        [
            found.database,
            f"{found.connections:,}",
            f"{found.bytes_each / 1024:.1f}",
            f"{found.alone_p50_ms:.2f}",
            f"{found.beside_p50_ms:.2f}",
            f"{found.alone_p99_ms:.2f}",
            f"{found.beside_p99_ms:.2f}",
        ]
        for found in idle
    ]
    return table(head, rows) if rows else ""


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio between this server and a peer within one round."""

    database: str
    regime: str
    peer: str
    title: str
    of: Callable[[Measured], float | None]
    least: float | None = None
    most: float | None = None


def speed(measured: Measured) -> float:
    return measured.saves_per_second


def p50(measured: Measured) -> float:
    return measured.p50_ms


def database_cpu(measured: Measured) -> float | None:
    return measured.database_cpu_us


GOALS = (
    Goal("SQLite", "many", "naive", "saves/s, of (b)", speed, least=7),
    Goal("SQLite", "pipelined", "naive", "saves/s, of (b)", speed, least=10),
    Goal("SQLite", "many", "echo", "saves/s, of (a)", speed, least=0.4),
    Goal("SQLite", "one", "naive", "p50, of (b)", p50, most=1),
    Goal("PostgreSQL", "many", "naive", "saves/s, of (b)", speed, least=12),
    Goal("PostgreSQL", "many", "plain", "saves/s, of (c)", speed, least=1),
    Goal("PostgreSQL", "pipelined", "plain", "saves/s, of (c)", speed, least=1.5),
    Goal("PostgreSQL", "many", "plain", "database CPU a save, of (c)", database_cpu, most=0.25),
    Goal("PostgreSQL", "one", "naive", "p50, of (b)", p50, most=1),
)


def targets_table(results: Results) -> str:
    rows = [found for goal in GOALS if (found := goal_row(goal, results))]
    for idle in results.idle:
        title = f"{idle.database}, idle connections"
        kib, slower = idle.bytes_each / 1024, idle.beside_p50_ms / idle.alone_p50_ms
        rows.append([f"{title}: KiB each", "≤ 35", f"{kib:.1f}", "", met(kib <= 35)])
        rows.append(
            [f"{title}: p50 of a lone save, of alone", "≤ 2", f"{slower:.2f}", "", met(slower <= 2)]
        )
    return table(("Goal", "wanted", "median", "of all rounds", "met"), rows) if rows else ""


def goal_row(goal: Goal, results: Results) -> list[str] | None:
    pairs = zip(
        select(results, goal.database, goal.regime, "server"),
        select(results, goal.database, goal.regime, goal.peer),
        strict=False,
    )
    ratios = [a / b for ours, peer in pairs if (a := goal.of(ours)) and (b := goal.of(peer))]
    if not ratios:
        return None
    middle = median(ratios)
    regime = next(regime.title for regime in REGIMES if regime.name == goal.regime)
    return [
        f"{goal.database}, {regime}: {goal.title}",
        f"≥ {goal.least:g}" if goal.least is not None else f"≤ {goal.most:g}",
        f"{middle:.2f}",
        f"{min(ratios):.2f} to {max(ratios):.2f}",
        met(
            (goal.least is None or middle >= goal.least)
            and (goal.most is None or middle <= goal.most)
        ),
    ]


def met(yes: bool) -> str:
    return "yes" if yes else "no"


def doubts(results: Results) -> list[str]:
    """What the run itself found wrong, or that nothing was."""
    said = [
        f"{check.contender} on {check.database}: {check.failures} saves failed "
        f"({check.first_failure}), {len(check.wrongly_stored)} devices are not stored as "
        f"acknowledged ({', '.join(check.wrongly_stored[:3])})."
        for check in results.faults
    ]
    busy = {m.contender for m in results.rounds if m.load_core > BUSY_LOAD}
    if busy:
        said.append(
            f"The load used more than {BUSY_LOAD:.0%} of its core in some rounds of "
            f"{', '.join(sorted(busy))}: they may be faster than measured."
        )
    devices = sum(check.devices for check in results.checks)
    if not results.faults and devices:
        said.append(
            "Every answer was a success, and the databases hold the last acknowledged save of "
            f"each of {devices:,} devices."
        )
    return said
