"""Measure this server beside its peers, in rounds that alternate within one run.

Each server runs on one core, the load on another, and each has a database of its own, which is
made and dropped here: SQLite's below STATE_DIR, PostgreSQL's beside the one that DATABASE_URL
names. docs/performance.md says what the numbers mean.
"""

import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from tqdm import tqdm

from benchmarks import databases, report
from benchmarks.contenders import CONTENDERS, Running, running
from benchmarks.idle import measure_idle
from benchmarks.regimes import REGIMES, measure, seed
from benchmarks.results import Check, Results

IDLE = "idle"
ROOT = Path(__file__).resolve().parent.parent
STATE_DIR = (ROOT / os.environ.get("STATE_DIR", "var")).resolve()


def main() -> None:
    os.chdir(ROOT)
    options = parse()
    if options.document:
        report.write_document(Results.read(options.document), ROOT / "docs" / "performance.md")
        return
    server_core, load_core = cores()
    os.sched_setaffinity(0, {load_core})
    results = Results.new(seconds=options.seconds, rounds=options.rounds)
    for vendor in vendors(options.database):
        measure_rounds(vendor, options, results, core=server_core)
        if wanted([IDLE], options.only):
            measure_beside_idle(vendor, options, results, core=server_core)
    results.write(options.output)
    print(report.text(results))
    print(f"\nWritten to {options.output}.")
    sys.exit(1 if results.faults else 0)


def parse() -> Namespace:
    parser = ArgumentParser(
        "python -m benchmarks",
        description=__doc__,
        formatter_class=RawDescriptionHelpFormatter,
        epilog="contenders: "
        + "; ".join(f"{c.name}, {c.title}" for c in CONTENDERS)
        + "\nregimes: "
        + "; ".join(f"{r.name}, {r.title}" for r in REGIMES)
        + f"; {IDLE}, one connection beside 10,000 idle ones",
    )
    names = [*(c.name for c in CONTENDERS), *(r.name for r in REGIMES), IDLE]
    parser.add_argument(
        "--seconds", type=float, default=4.0, help="length of a round (%(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each (%(default)s)")
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        choices=names,
        metavar="NAME",
        help="measure only these contenders and regimes",
    )
    parser.add_argument(
        "--database", choices=["sqlite", "postgresql"], help="measure only on this one"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=STATE_DIR / "benchmark.json",
        metavar="FILE",
        help="where the results are written (%(default)s)",
    )
    parser.add_argument(
        "--document",
        type=Path,
        metavar="FILE",
        help="measure nothing; write the results in FILE into docs/performance.md",
    )
    return parser.parse_args()


def cores() -> tuple[int, int]:
    """One for the server and one for the load."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) == 1:
        print("There is one core: server and load share it.", file=sys.stderr)
    return available[0], available[-1]


def vendors(only: str | None) -> list[str]:
    asked = [v for v in ("SQLite", "PostgreSQL") if only in (None, v.lower())]
    if "PostgreSQL" in asked and databases.given_url() is None:
        if only:
            sys.exit("DATABASE_URL does not name a PostgreSQL database.")
        print("PostgreSQL is skipped: DATABASE_URL does not name one.", file=sys.stderr)
        asked.remove("PostgreSQL")
    return asked


def wanted(names: Iterable[str], only: list[str]) -> set[str]:
    """Those of `names`, which are of one kind, that `--only` leaves."""
    names = set(names)
    regimes = {*(regime.name for regime in REGIMES), IDLE}
    kind = regimes if names <= regimes else {c.name for c in CONTENDERS}
    return names & set(only) if kind & set(only) else names


def measure_rounds(vendor: str, options: Namespace, results: Results, *, core: int) -> None:
    regimes = wanted((r.name for r in REGIMES), options.only)
    names = wanted((c.name for c in CONTENDERS), options.only)
    contenders = [c for c in CONTENDERS if c.name in names and vendor in c.databases]
    if not regimes or not contenders:
        return
    with ExitStack() as stack:
        servers = [
            stack.enter_context(running(contender, vendor, STATE_DIR / "benchmark", core=core))
            for contender in contenders
        ]
        for server in servers:
            seed(server)
        take_rounds(servers, regimes, options, results)
        results.databases[databases.version(servers[0].database)] = servers[0].database.durability()
        results.checks += [check(server) for server in servers]


def take_rounds(
    servers: list[Running], regimes: set[str], options: Namespace, results: Results
) -> None:
    order = list(servers)
    with tqdm(total=len(servers) * len(regimes) * options.rounds, unit="round") as progress:
        for number in range(options.rounds):
            for regime in REGIMES:
                if regime.name not in regimes:
                    continue
                for server in order:
                    progress.set_description(
                        f"{server.database.vendor}, {regime.title}: {server.contender.title}"
                    )
                    results.rounds.append(measure(server, regime, number, options.seconds))
                    progress.update()
            # Nobody always comes first, or always after the same one.
            order.append(order.pop(0))


def check(server: Running) -> Check:
    return Check(
        database=server.database.vendor,
        contender=server.contender.name,
        devices=len(server.target.acknowledged),
        wrongly_stored=server.wrongly_stored(),
        failures=len(server.target.failures),
        first_failure=next(iter(server.target.failures), ""),
    )


def measure_beside_idle(vendor: str, options: Namespace, results: Results, *, core: int) -> None:
    with tqdm(bar_format="{desc}") as progress:
        results.idle.append(
            measure_idle(
                vendor,
                STATE_DIR / "benchmark",
                core=core,
                seconds=options.seconds,
                said=lambda text: progress.set_description_str(f"{vendor}: {text}"),
            )
        )


if __name__ == "__main__":
    main()
