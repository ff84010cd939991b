"""manage.py serve: run the server."""

import sys
from argparse import SUPPRESS, ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from devicehive import __version__
from devicehive.command_line import command_line, to_paste
from devicehive.serving.processes import Supervisor, bind, hold_signals

HIGHEST_PORT = 65_535


class Command(BaseCommand):
    help = (
        "Serve devices over WebSocket and the admin over HTTP, until SIGTERM or Ctrl-C; "
        "then answer what has been received, and exit."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST, help="address (HOST; %(default)s)")
        parser.add_argument(
            "--port",
            type=int,
            default=settings.PORT,
            help="port, 0 for any free one (PORT; %(default)s)",
        )
        parser.add_argument(
            "--processes",
            type=int,
            default=settings.PROCESSES,
            metavar="N",
            help="processes that share the port; more than one needs PostgreSQL and Redis "
            "(PROCESSES; %(default)s)",
        )
        # How the processes of `--processes` are told which socket is theirs.
        parser.add_argument("--fd", type=int, help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["fd"] is not None:
            self.serve(options["fd"])
            return
        host, port, count = options["host"], options["port"], options["processes"]
        if not 0 <= port <= HIGHEST_PORT:
            raise CommandError(f"--port must be 0 to {HIGHEST_PORT}")
        if count < 1:
            raise CommandError("--processes must be 1 or more")
        if count > 1 and not settings.SCALES_OUT:
            raise CommandError(
                f"{count} processes need PostgreSQL (DATABASE_URL=postgres://...) "
                "and Redis (REDIS_URL=redis://...)"
            )
        try:
            sockets = bind(host, port, count)
        except OSError as error:
            reason = str(error.strerror).partition(" (while")[0]  # Python repeats the address.
            raise CommandError(f"cannot listen on {host}:{port}: {reason}") from None
        hold_signals()
        self.greet(*sockets[0].getsockname()[:2])
        if count == 1:
            self.serve(sockets[0].detach())
        elif not Supervisor(sockets, self.child).run():
            sys.exit(1)

    def greet(self, host: str, port: int) -> None:
        save = to_paste("savedevice", "my-first-device", "--name", "My first device")
        self.stdout.write(
            f"  Devices connect to   ws://{host}:{port}/api/websocket\n"
            f"  The admin is at      http://{host}:{port}/admin/\n"
            f"  A first device:      {save}\n"
            f"  Version {__version__}. Stop with Ctrl-C."
        )
        self.stdout.flush()  # A pipe is buffered, and who starts servers waits for these lines.

    def child(self, descriptor: int) -> list[str]:
        return command_line("serve", "--fd", str(descriptor))

    def serve(self, descriptor: int) -> None:
        # Here, because importing daphne's server installs Twisted's reactor.
        from devicehive.asgi import router
        from devicehive.serving.server import DeviceServer

        DeviceServer(router, endpoint=f"fd:fileno={descriptor}").run()
