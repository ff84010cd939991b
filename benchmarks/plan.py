"""The plan of a run, from the command line: what is measured, and for how long."""

import os
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.catalogue import EVERY_REGIME
from benchmarks.contenders import CONTENDERS
from benchmarks.idle import IDLE

ROOT = Path(__file__).resolve().parent.parent
STATE_DIR = ROOT / os.environ.get("STATE_DIR", "var")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    contenders: list[str]
    regimes: list[str]
    seconds: float
    rounds: int
    core: int
    """The core on which the servers run."""
    devices: int
    full: tuple[int, int]
    """The numbers of devices and notifications of full contenders."""
    although_busy: bool

    @classmethod
    def of(cls, options: Namespace, *, core: int) -> Self:
        return cls(
            contenders=only((c.name for c in CONTENDERS), options.only),
            regimes=only((*(r.name for r in EVERY_REGIME), IDLE), options.only),
            seconds=options.seconds,
            rounds=options.rounds,
            core=core,
            devices=options.devices,
            full=tuple(options.full),
            although_busy=options.although_busy,
        )


def only(names: Iterable[str], asked: list[str]) -> list[str]:
    """The `names` that are in `asked`, or all if none is."""
    every = list(names)
    return [name for name in every if name in asked] or every


def parse(description: str | None) -> Namespace:
    described = [
        "contenders:",
        *(f"  {contender.name:10} {contender.title}" for contender in CONTENDERS),
        "regimes:",
        *(f"  {regime.name:10} {regime.title}" for regime in EVERY_REGIME),
        f"  {IDLE:10} 1 connection beside 10,000 idle ones, this server only",
    ]
    parser = ArgumentParser(
        "python -m benchmarks",
        description=description,
        formatter_class=RawDescriptionHelpFormatter,
        epilog="\n".join(described),
    )
    add = parser.add_argument
    add("--seconds", type=float, default=4.0, help="length of a round (%(default)s)")
    add("--devices", type=int, default=1_000, help="how many there are (%(default)s)")
    add(
        "--full",
        nargs=2,
        type=int,
        default=(100_000, 1_000_000),
        metavar=("DEVICES", "NOTIFICATIONS"),
        help="how many a full server has (100000 1000000)",
    )
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
    # Relative to the current folder of the command, not to the project.
    options.output = options.output.absolute()
    options.document = options.document and options.document.absolute()
    return options
