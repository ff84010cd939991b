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
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tqdm import tqdm

from benchmarks import databases, report
from benchmarks.contenders import CONTENDERS
from benchmarks.fanout import FANOUTS, Fanout, measure_fanout
from benchmarks.idle import IDLE, measure_idle
from benchmarks.regimes import REGIMES, Measured, Regime, measure, measure_undisturbed, seed
from benchmarks.results import Check, Results
from benchmarks.running import Running, running

ROOT = Path(__file__).resolve().parent.parent
EVERY_REGIME: tuple[Regime | Fanout, ...] = (*REGIMES, *FANOUTS)
STATE_DIR = ROOT / os.environ.get("STATE_DIR", "var")
FOLDER = STATE_DIR / "benchmark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    contenders: list[str]
    regimes: list[str]
    seconds: float
    rounds: int
    core: int
    """Where the servers run."""
    devices: int
    although_busy: bool


def main() -> None:
    options = parse()
    os.chdir(ROOT)
    if options.document:
        report.write_document(Results.read(options.document), ROOT / "docs" / "performance.md")
        return
    server_core, load_core = cores()
    os.sched_setaffinity(0, {load_core})
    plan = Plan(
        contenders=only((c.name for c in CONTENDERS), options.only),
        regimes=only((*(r.name for r in EVERY_REGIME), IDLE), options.only),
        seconds=options.seconds,
        rounds=options.rounds,
        core=server_core,
        devices=options.devices,
        although_busy=options.although_busy,
    )
    results = Results.new(seconds=plan.seconds, rounds=plan.rounds)
    for vendor in vendors(options.database):
        for processes in (1, 2):
            measure_rounds(vendor, plan, results, processes=processes)
        if IDLE in plan.regimes and "server" in plan.contenders:
            measure_beside_idle(vendor, plan, results)
    if results.disturbed and not plan.although_busy:
        sys.exit(
            f"Nothing is reported: in {len(results.disturbed)} of {len(results.rounds)} rounds "
            "something else used the machine, each time it was measured. Run it again when it is "
            "quiet, or with --although-busy."
        )
    results.write(options.output)
    print(report.text(results))
    print(f"\nWritten to {options.output}.")
    sys.exit(1 if results.faults else 0)


def parse() -> Namespace:
    described = [
        "contenders:",
        *(f"  {contender.name:10} {contender.title}" for contender in CONTENDERS),
        "regimes:",
        *(f"  {regime.name:10} {regime.title}" for regime in EVERY_REGIME),
        f"  {IDLE:10} 1 connection beside 10,000 idle ones, this server only",
    ]
    parser = ArgumentParser(
        "python -m benchmarks",
        description=__doc__,
        formatter_class=RawDescriptionHelpFormatter,
        epilog="\n".join(described),
    )
    add = parser.add_argument
    add("--seconds", type=float, default=4.0, help="length of a round (%(default)s)")
    add("--devices", type=int, default=1_000, help="how many there are (%(default)s)")
    add(
        "--although-busy",
        action="store_true",
        help="take each round once, and report it even if others used the machine meanwhile",
    )
    add("--rounds", type=int, default=3, help="rounds of each (%(default)s)")
    add(
        "--only",
        nargs="+",
        default=[],
        choices=[*(c.name for c in CONTENDERS), *(r.name for r in EVERY_REGIME), IDLE],
        metavar="NAME",
        help="measure only these contenders, in only these regimes; see below",
    )
    add("--database", choices=["sqlite", "postgresql"], help="measure only on this one")
    add(
        "--output",
        type=Path,
        default=STATE_DIR / "benchmark.json",
        metavar="FILE",
        help="where the results are written (%(default)s)",
    )
    add(
        "--document",
        type=Path,
        metavar="FILE",
        help="measure nothing: write the results in FILE into docs/performance.md",
    )
    options = parser.parse_args()
    # Relative to where the command was given, not to the project.
    options.output = options.output.absolute()
    options.document = options.document and options.document.absolute()
    return options


def only(names: Iterable[str], asked: list[str]) -> list[str]:
    """Those of `names` that are asked for, or all when none is."""
    every = list(names)
    return [name for name in every if name in asked] or every


def cores() -> tuple[int, int]:
    """One for the server and one for the load."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) == 1:
        print("There is one core: server and load share it.", file=sys.stderr)
    return available[0], available[-1]


def vendors(asked: str | None) -> list[str]:
    found = [vendor for vendor in databases.VENDORS if asked in (None, vendor.lower())]
    if "PostgreSQL" in found and databases.given_url() is None:
        if asked:
            sys.exit("DATABASE_URL does not name a PostgreSQL database.")
        print("PostgreSQL is skipped: DATABASE_URL does not name one.", file=sys.stderr)
        found.remove("PostgreSQL")
    return found


def measure_rounds(vendor: str, plan: Plan, results: Results, *, processes: int) -> None:
    """Take all rounds on one database and check what it then holds."""
    regimes = [
        each
        for each in EVERY_REGIME
        if each.name in plan.regimes and vendor in each.databases and each.processes == processes
    ]
    able = {name for regime in regimes for name in regime.contenders}
    contenders = [
        each
        for each in CONTENDERS
        if each.name in able.intersection(plan.contenders)
        and vendor in each.databases
        and (os.environ.get("REDIS_URL") or not each.needs_redis)
    ]
    if not contenders:
        return
    redis_url = os.environ.get("REDIS_URL", "") if processes > 1 else ""
    if processes > 1 and not redis_url:
        print("Two processes are skipped: REDIS_URL is not set.", file=sys.stderr)
        return
    with ExitStack() as stack:
        servers = [
            stack.enter_context(running(each, vendor, FOLDER, core=plan.core, redis_url=redis_url))
            for each in contenders
        ]
        for server in servers:
            server.devices = plan.devices
            seed(server)
        take_rounds(servers, regimes, plan, results)
        database = servers[0].database
        results.databases[databases.version(database)] = database.durability()
        results.checks += [check(server) for server in servers]


def take_rounds(
    servers: list[Running], regimes: list[Regime | Fanout], plan: Plan, results: Results
) -> None:
    pairs = sum(server.contender.name in r.contenders for r in regimes for server in servers)
    order = list(servers)
    with tqdm(total=pairs * plan.rounds, unit="round") as progress:
        for number in range(plan.rounds):
            for regime in regimes:
                for server in order:
                    if server.contender.name not in regime.contenders:
                        continue
                    progress.set_description(
                        f"{server.database.vendor}, {regime.title}: {server.contender.title}"
                    )
                    take = partial(measured, server, regime, number, plan.seconds)
                    results.rounds.append(
                        take() if plan.although_busy else measure_undisturbed(take)
                    )
                    progress.update()
            # So that nobody always comes first, or always after the same one.
            order.append(order.pop(0))


def measured(server: Running, regime: Regime | Fanout, number: int, seconds: float) -> Measured:
    if isinstance(regime, Regime):
        return measure(server, regime, number, seconds)
    return measure_fanout(server, regime, number, seconds)


def check(server: Running) -> Check:
    return Check(
        database=server.database.vendor,
        contender=server.contender.name,
        devices=len(server.target.acknowledged) if server.contender.table else 0,
        wrongly_stored=server.wrongly_stored(),
        failures=len(server.target.failures),
        first_failure=next(iter(server.target.failures), ""),
        inserted=server.target.inserted if server.contender.stores_notifications else 0,
        lost=server.lost_notifications(),
    )


def measure_beside_idle(vendor: str, plan: Plan, results: Results) -> None:
    with tqdm(bar_format="{desc}") as progress:

        def said(text: str) -> None:
            progress.set_description_str(f"{vendor}, {text}")

        results.idle.append(
            measure_idle(vendor, FOLDER, core=plan.core, seconds=plan.seconds, said=said)
        )


if __name__ == "__main__":
    main()
