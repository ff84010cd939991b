"""Make the tables that are printed after a run and written into docs/performance.md."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from benchmarks import goals
from benchmarks.catalogue import EVERY_REGIME
from benchmarks.contenders import CONTENDERS
from benchmarks.idle import Idle
from benchmarks.measuring import BUSY_MACHINE, Measured
from benchmarks.results import Results

BEGIN, END = "<!-- run: begin -->", "<!-- run: end -->"
BUSY_LOAD = 0.8
"""Above this share of its core, the load itself may be the bottleneck."""
COLUMNS = (
    *("p50 ms", "p99 ms"),
    *("server CPU µs", "database CPU µs", "server core", "load core"),
)
GOAL_COLUMNS = ("goal", "wanted", "median", "all rounds", "met")
IDLE_COLUMNS = (
    *("a lone save beside idle connections", "connections", "KiB each"),
    *("p50 ms without", "p50 ms with", "p99 ms without", "p99 ms with"),
)


def text(results: Results) -> str:
    reached = goals.rows(results)
    devices, notifications = results.full
    parts = [
        f"{results.date}, commit {results.commit}. {results.machine}; {results.packages}.",
        *(f"{name}: {durability}." for name, durability in results.databases.items()),
        f"Rounds of {results.seconds:g} s; each figure is the median of {results.repeats}.",
        f"A full server has {devices:,} devices and {notifications:,} notifications.",
        *_round_tables(results),
        _idle_table(results.idle),
        _table(GOAL_COLUMNS, reached) if reached else "",
        *_doubts(results),
    ]
    return "\n\n".join(part for part in parts if part)


def write_document(results: Results, path: Path) -> None:
    """Replace the text between the two marks in a document."""
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    path.write_text(f"{before}{begin}\n\n{text(results)}\n\n{end}{after}")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table that is also readable as text: words aligned left, numbers right."""
    lines = [head, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(cells, widths) for cells in [head, rule, *lines[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
    return f"| {' | '.join(padded)} |"


def _round_tables(results: Results) -> list[str]:
    tables = []
    for database in dict.fromkeys(measured.database for measured in results.rounds):
        for regime in EVERY_REGIME:
            rows = [
                _row(contender.title, rounds)
                for contender in CONTENDERS
                if (rounds := results.of(database, regime.name, contender.name))
            ]
            if rows:
                head = (f"{database}, {regime.title}", f"{regime.unit}/s", *COLUMNS)
                tables.append(_table(head, rows))
    return tables


def _row(title: str, rounds: list[Measured]) -> list[str]:
    database_cpu = [m.database_cpu_us for m in rounds if m.database_cpu_us is not None]
    return [
        title,
        f"{median(m.per_second for m in rounds):,.0f}",
        f"{median(m.p50_ms for m in rounds):.2f}",
        f"{median(m.p99_ms for m in rounds):.2f}",
        f"{median(m.server_cpu_us for m in rounds):,.0f}",
        f"{median(database_cpu):,.0f}" if database_cpu else "",
        f"{median(m.server_core for m in rounds):.0%}",
        f"{median(m.load_core for m in rounds):.0%}",
    ]


def _idle_table(idle: list[Idle]) -> str:
    rows = [
        [
            each.database,
            f"{each.connections:,}",
            f"{each.bytes_each / 1024:.1f}",
            f"{each.alone_p50_ms:.2f}",
            f"{each.beside_p50_ms:.2f}",
            f"{each.alone_p99_ms:.2f}",
            f"{each.beside_p99_ms:.2f}",
        ]
        for each in idle
    ]
    return _table(IDLE_COLUMNS, rows) if rows else ""


def _doubts(results: Results) -> list[str]:
    """The warnings about the run and its checks, or a line that there are none."""
    said = [
        f"WRONG: {check.contender} on {check.database}: {check.failures} failures "
        f"({check.first_failure}); {len(check.wrongly_stored)} devices are not stored as "
        f"acknowledged ({', '.join(check.wrongly_stored[:3])}), and {check.lost} notifications "
        "are not stored."
        for check in results.faults
    ]
    said += results.doubts
    busy = {m.contender for m in results.rounds if m.load_core > BUSY_LOAD}
    if busy:
        said.append(
            f"The load used more than {BUSY_LOAD:.0%} of its core in some rounds of "
            f"{', '.join(sorted(busy))}: these may be faster than measured."
        )
    disturbed = [measured.others_core for measured in results.disturbed]
    if disturbed:
        said.append(
            f"Something else ran: in {len(disturbed)} of {len(results.rounds)} rounds other "
            f"processes used more than {BUSY_MACHINE:.0%} of a core, at most {max(disturbed):.0%}. "
            "Run it again on a quiet machine."
        )
    devices = sum(check.devices for check in results.checks)
    if devices and not results.faults:
        said.append(
            "Every answer was a success, and the databases hold the last acknowledged save of "
            f"each of {devices:,} devices, and {sum(c.inserted for c in results.checks):,} "
            "notifications that were acknowledged."
        )
    return said
