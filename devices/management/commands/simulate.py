"""manage.py simulate: put a steady load of saves on a running server."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from devices.management.clients import add_server, token_maker
from devices.management.numbers import integer, positive
from devices.management.simulated_devices import RestDevice, SocketDevice
from devices.management.simulation import CannotStart, Simulation, Tally, simulate


def rest_url(url: str) -> str:
    """The URL of REST on a server whose WebSocket is at `url`."""
    http = f"http{url.removeprefix('ws')}" if url.startswith("ws") else url
    return http.removesuffix("/websocket").removesuffix("/rest") + "/rest"


class Command(BaseCommand):
    help = (
        "Connect devices to a running server and let each save itself with changing data, one "
        "save at a time; then print how many saves were answered, and how fast. Ctrl-C ends it "
        "early. The devices simulated-0, simulated-1, ... stay in the registry."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--devices",
            type=integer(least=1),
            default=100,
            metavar="N",
            help="connections; default: %(default)s",
        )
        parser.add_argument(
            "--rate",
            type=positive,
            default=100,
            metavar="R",
            help="saves per second, of all devices together; default: %(default)s",
        )
        parser.add_argument(
            "--seconds",
            type=positive,
            default=10,
            metavar="S",
            help="how long; default: %(default)s",
        )
        parser.add_argument(
            "--rest",
            action="store_true",
            help="save over REST, each device on a connection that it keeps, instead of a "
            "WebSocket",
        )
        add_server(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        plan = Simulation(
            kind=RestDevice if options["rest"] else SocketDevice,
            url=rest_url(options["url"]) if options["rest"] else options["url"],
            token=token_maker(options)(),
            devices=options["devices"],
            rate=options["rate"],
            seconds=options["seconds"],
        )
        # disable=None: no bar unless stderr is a terminal.
        with tqdm(total=int(plan.rate * plan.seconds), unit=" saves", disable=None) as bar:
            tally = Tally(bar.update)
            try:
                asyncio.run(simulate(plan, tally))
            except CannotStart as error:
                raise CommandError(str(error)) from None
            except KeyboardInterrupt:
                self.stderr.write("stopped early")
        self.summarize(tally)

    def summarize(self, tally: Tally) -> None:
        saves = len(tally.latencies)
        failed = tally.errors.total()
        rate = saves / tally.elapsed if tally.elapsed else 0.0
        line = f"{saves} saves in {tally.elapsed:.1f} s ({rate:.1f}/s), {failed} errors"
        if saves:
            line += f"; p50 {tally.quantile(0.5):.1f} ms, p99 {tally.quantile(0.99):.1f} ms"
        self.stdout.write(line)
        if failed:
            causes = (f"{number} x {error}" for error, number in tally.errors.most_common())
            raise CommandError("\n".join(causes))
