"""Take the rounds of a run, and check what the databases hold at the end."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks import databases
from benchmarks.catalogue import EVERY_REGIME, AnyRegime
from benchmarks.contenders import CONTENDERS
from benchmarks.fanout import Fanout, measure_fanout
from benchmarks.filling import delete_expired, expire, fill
from benchmarks.measuring import Measured, measure_undisturbed
from benchmarks.plan import Plan
from benchmarks.reconnecting import Storm, measure_storm
from benchmarks.regimes import WARM_UP_SECONDS, attended, measure, seed
from benchmarks.results import Check, Results
from benchmarks.running import Running, running


def measure_rounds(
    vendor: str, plan: Plan, results: Results, folder: Path, *, processes: int
) -> None:
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
            stack.enter_context(running(each, vendor, folder, core=plan.core, redis_url=redis_url))
            for each in contenders
        ]
        for server in servers:
            stack.enter_context(prepared(server, plan))
        take_rounds(servers, regimes, plan, results)
        database = servers[0].database
        results.databases[databases.version(database)] = database.durability()
        results.checks += [check(server) for server in servers]


@contextmanager
def prepared(server: Running, plan: Plan) -> Iterator[None]:
    with ExitStack() as stack:
        with tqdm(bar_format="{desc}") as progress:
            said = partial(_say, progress, server.database.vendor)
            if server.contender.is_full:
                server.devices, notifications = plan.full
                fill(server, notifications, said=said)
                stack.enter_context(attended(server, said=said))
            else:
                server.devices = plan.devices
                seed(server, said=said)
        yield


def _say(progress: "tqdm[Any]", vendor: str, text: str) -> None:
    progress.set_description_str(f"{vendor}, {text}")


def take_rounds(
    servers: list[Running], regimes: list[AnyRegime], plan: Plan, results: Results
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
                    take = partial(measured, server, regime, number, plan.seconds, results)
                    results.rounds.append(
                        take() if plan.although_busy else measure_undisturbed(take)
                    )
                    progress.update()
            # Rotate, so that no contender is always first.
            order.append(order.pop(0))


def measured(
    server: Running, regime: AnyRegime, number: int, seconds: float, results: Results
) -> Measured:
    with pruning(server, seconds, results):
        if isinstance(regime, Storm):
            return measure_storm(server, regime, number)
        if isinstance(regime, Fanout):
            return measure_fanout(server, regime, number, seconds)
        return measure(server, regime, number, seconds)


@contextmanager
def pruning(server: Running, seconds: float, results: Results) -> Iterator[None]:
    """Keep expired notifications in the database meanwhile, if the contender is to prune."""
    if not server.contender.prunes:
        yield
        return
    expire(server, seconds + WARM_UP_SECONDS)
    yield
    if not delete_expired(server):
        results.doubts.append("All was pruned before a round ended, which is too good.")


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
