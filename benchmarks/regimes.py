"""The regimes of saves and reads that are measured."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from random import Random

from benchmarks.contenders import CONTENDERS, VARIANTS
from benchmarks.databases import VENDORS
from benchmarks.load import Asker, Inserter, Repeater, Saver, Target, run
from benchmarks.logging_in import Guesser, Newcomer, Returner
from benchmarks.measuring import Measured, Meters
from benchmarks.reading import Authenticator, Counter, Getter, Lister, PageLister
from benchmarks.rest import Putter, RestGetter, RestLister
from benchmarks.running import Running

WARM_UP_SECONDS = 1.0

OVER_WEBSOCKETS = tuple(each.name for each in CONTENDERS if each.saver is Saver)
COMPARED = tuple(name for name in OVER_WEBSOCKETS if name not in VARIANTS)
"""This server and its peers, without variants of this server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    name: str
    title: str
    connections: int
    depth: int
    """The number of requests that each connection has in flight."""
    unit: str = "saves"
    kind: Callable[[Target, Iterator[str]], Asker] = Saver
    """The kind of connection, which says what it requests."""
    guessers: int = 0
    """The number of additional connections that try wrong passwords."""
    contenders: tuple[str, ...] = COMPARED
    databases: tuple[str, ...] = VENDORS
    processes: int = 1


REGIMES = (
    Regime(
        name="one",
        title="1 connection",
        connections=1,
        depth=1,
        contenders=OVER_WEBSOCKETS,
    ),
    Regime(
        name="many",
        title="200 connections",
        connections=200,
        depth=1,
        contenders=OVER_WEBSOCKETS,
    ),
    Regime(name="pipelined", title="50 connections, 20 in flight each", connections=50, depth=20),
    Regime(
        name="unchanged",
        title="200 connections that save what is stored",
        connections=200,
        depth=1,
        kind=Repeater,
        contenders=("server",),
    ),
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


def seed(server: Running, *, said: Callable[[str], None]) -> None:
    """Save every device once, so that rounds measure mostly updates."""
    with connected(server, 50, server.contender.saver) as savers:
        save_each(server, savers, said=said)


@contextmanager
def attended(server: Running, *, said: Callable[[str], None]) -> Iterator[None]:
    """Keep every device connected meanwhile, so that none connects or disconnects in a round."""
    there = "SELECT count(*) FROM devices_presence WHERE is_connected"
    with connected(server, 50, Repeater) as savers:
        save_each(server, savers, said=said)
        while (count := server.database.rows(there)[0][0]) < server.devices:
            said(f"{count:,} of {server.devices:,} devices are known to be connected")
            time.sleep(0.1)
        yield


def save_each(server: Running, savers: list[Asker], *, said: Callable[[str], None]) -> None:
    wanted = set(server.device_ids())
    while missing := wanted - server.target.acknowledged.keys():
        said(f"{len(missing):,} of {len(wanted):,} devices are yet to be saved")
        run(savers, depth=1, seconds=0.2)


@contextmanager
def connected(
    server: Running, connections: int, kind: Callable[[Target, Iterator[str]], Asker] = Saver
) -> Iterator[list[Asker]]:
    """Connections that share the devices evenly and open one after the other."""
    ids = server.device_ids()
    # Devices that save at the same time are usually not neighbours in the database.
    Random(connections).shuffle(ids)
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
