"""manage.py serve: run the server."""

import logging
import socket
import sys
from argparse import SUPPRESS, ArgumentParser
from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

from devicehive import __version__
from devicehive.hosts import WEBSOCKET_PATH, browsing_name, connecting_name
from devicehive.invocation import command_line, to_paste
from devicehive.orm.reasons import lacking, reason_of
from devicehive.orm.schema import missing_migrations
from devicehive.serving.processes import Supervisor, bind, hold_signals, stop_when_alone

logger = logging.getLogger(__name__)

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
        # The supervisor of `--processes` passes each process its socket by this.
        parser.add_argument("--fd", type=int, help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["fd"] is not None:
            stop_when_alone()
            self.serve(socket.socket(fileno=options["fd"]))
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
            where = f"[{host}]" if ":" in host else host
            raise CommandError(f"cannot listen on {where}:{port}: {reason}") from None
        self.look_at_database()
        hold_signals()
        self.greet(*sockets[0].getsockname()[:2])
        if count == 1:
            self.serve(sockets[0])
        elif not Supervisor(sockets, self.child).run():
            sys.exit(1)

    def greet(self, host: str, port: int) -> None:
        save = to_paste("savedevice", "my-first-device", "--name", "My first device")
        prefix = settings.PATH_PREFIX
        devices = f"ws://{connecting_name(host)}:{port}{prefix}{WEBSOCKET_PATH}"
        admin = browsing_name(host, settings.ALLOWED_HOSTS)
        self.stdout.write(
            f"  Devices connect to   {devices}\n"
            f"  The admin is at      http://{admin}:{port}{prefix}/admin/\n"
            f"  A first device:      {save}\n"
            f"  Version {__version__}. Stop with Ctrl-C."
        )
        self.stdout.flush()  # A pipe is buffered, and tests and supervisors wait for these lines.

    def child(self, descriptor: int) -> list[str]:
        return command_line("serve", "--fd", str(descriptor))

    def serve(self, listening: socket.socket) -> None:
        # Not at the top, because importing daphne's server installs Twisted's reactor.
        from devicehive.asgi import router
        from devicehive.serving.server import DeviceServer

        DeviceServer(router, listening=listening).run()

    def look_at_database(self) -> None:
        """Raise CommandError if tables or columns are missing, without which all requests fail.

        A database that cannot be reached is only logged: it may come back, and `/readyz` tells.
        """
        try:
            if missing := missing_migrations():
                raise CommandError(lacking(missing))
            self.check(tags=[Tags.database], databases=[connection.alias])
        except Error as error:
            logger.warning("not ready yet: %s", reason_of(error))
        finally:
            connection.close()
