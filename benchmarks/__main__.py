"""Measure this server and its peers, in rounds that alternate within one run.

Each server runs on one core, and the load on another. Each server has a database of its own, which
this creates and drops: for SQLite below STATE_DIR, for PostgreSQL beside the one that DATABASE_URL
names. docs/performance.md explains the numbers.
"""

import os
import sys

from tqdm import tqdm

from benchmarks import databases, report
from benchmarks.files import raise_file_limit
from benchmarks.idle import IDLE, measure_idle
from benchmarks.plan import ROOT, STATE_DIR, Plan, parse
from benchmarks.results import Results
from benchmarks.rounds import measure_rounds

FOLDER = STATE_DIR / "benchmark"


def main() -> None:
    options = parse(__doc__)
    os.chdir(ROOT)
    if options.document:
        report.write_document(Results.read(options.document), ROOT / "docs" / "performance.md")
        return
    server_core, load_core = cores()
    os.sched_setaffinity(0, {load_core})
    raise_file_limit()
    plan = Plan.of(options, core=server_core)
    results = Results.new(seconds=plan.seconds, rounds=plan.rounds, full=plan.full)
    for vendor in vendors(options.database):
        for processes in (1, 2):
            measure_rounds(vendor, plan, results, FOLDER, processes=processes)
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


def cores() -> tuple[int, int]:
    """The core for the servers and the core for the load."""
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


def measure_beside_idle(vendor: str, plan: Plan, results: Results) -> None:
    with tqdm(bar_format="{desc}") as progress:

        def said(text: str) -> None:
            progress.set_description_str(f"{vendor}, {text}")

        results.idle.append(
            measure_idle(vendor, FOLDER, core=plan.core, seconds=plan.seconds, said=said)
        )


if __name__ == "__main__":
    main()
