"""Several server processes on one port."""

import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

logger = logging.getLogger(__name__)

STOP_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})
SEND_BUFFER_BYTES = 262_144
"""What the system holds of answers a client does not read; it would let that grow to 4 MB, and
only see after as much that the client reads again."""
SHORTEST_LIFE = 5
"""Seconds. A process that ends sooner would end again: everything is stopped instead."""
EXIT_SECONDS = 0.5
"""How long a process that has stopped waits for its threads."""


def bind(host: str, port: int, count: int) -> list[socket.socket]:
    """Listening sockets, one for each process. Several share the port, and the system spreads
    connections evenly over them (SO_REUSEPORT). Raises OSError."""
    family, address = _resolve(host, port)
    alone = _listen(family, address)
    if count == 1:
        return [alone]
    # Shared at once, we would not notice that another server has the port. 0 was any free one.
    address = alone.getsockname()
    alone.close()
    return [_listen(family, address, shared=True) for _ in range(count)]


def _resolve(host: str, port: int) -> tuple[int, Any]:
    """The first IPv4 address of a name, or else an IPv6 one."""
    try:
        found = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except UnicodeError:
        raise OSError(errno.EINVAL, "not a name") from None
    family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    return family, address


def _listen(family: int, address: Any, *, shared: bool = False) -> socket.socket:
    # `::` is every address, as 0.0.0.0 is every one of IPv4.
    both = family == socket.AF_INET6 and address[0] == "::" and socket.has_dualstack_ipv6()
    listening = socket.create_server(
        address, family=family, backlog=1024, reuse_port=shared, dualstack_ipv6=both
    )
    # Connections have it from the socket that accepted them.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    return listening


def hold_signals() -> None:
    """Let the signals to stop wait until there is something that can be stopped.

    Processes that are started inherit this; `DeviceServer` ends it when it can drain.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS | {signal.SIGCHLD})


def take_signals() -> None:
    """The end of `hold_signals`: what came meanwhile is handled now."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


class Supervisor:
    """Runs a process for each socket, again if it dies, and ends them all on SIGTERM.

    The sockets stay open here, so that connections that come while a process starts again wait
    for it instead of being refused.
    """

    def __init__(
        self, sockets: Sequence[socket.socket], command: Callable[[int], list[str]]
    ) -> None:
        self.sockets = sockets
        self.command = command
        """The command line of a process that serves the socket with this file descriptor."""
        self.running: dict[subprocess.Popen[bytes], tuple[socket.socket, float]] = {}
        self.stopping = False
        self.failed = False

    def run(self) -> bool:
        """Serve until SIGTERM or SIGINT. False if a process ended badly.

        Signals are held and asked for: a handler could come while a process starts, which would
        then not be told.
        """
        for each in self.sockets:
            self.start(each)
        while self.running:
            if signal.sigwait(STOP_SIGNALS | {signal.SIGCHLD}) in STOP_SIGNALS:
                self.stop()
            for process in list(self.running):
                if process.poll() is not None:
                    self.handle_end(process)
        return not self.failed

    def start(self, listening: socket.socket) -> None:
        descriptor = listening.fileno()
        process = subprocess.Popen(  # noqa: S603  # our own command line
            self.command(descriptor), pass_fds=[descriptor], stdin=subprocess.PIPE
        )
        self.running[process] = (listening, time.monotonic())

    def stop(self) -> None:
        self.stopping = True
        for listening in self.sockets:
            listening.close()
        for process in self.running:
            process.terminate()

    def handle_end(self, process: subprocess.Popen[bytes]) -> None:
        listening, started = self.running.pop(process)
        ending = (process.pid, process.returncode)
        if self.stopping:
            self.failed |= process.returncode != 0
        elif time.monotonic() - started < SHORTEST_LIFE:
            logger.error("server process %d ended at once with status %d", *ending)
            self.failed = True
            self.stop()
        else:
            logger.error("server process %d ended with status %d; starting another", *ending)
            self.start(listening)


def stop_when_alone() -> None:
    """Have this process of a `Supervisor` stop, as by SIGTERM, if that is killed.

    It would otherwise hold the port, so that the server could not be started again.
    """
    threading.Thread(target=_stop_at_the_end_of, args=[sys.stdin.fileno()], daemon=True).start()


def _stop_at_the_end_of(pipe: int) -> None:
    os.read(pipe, 1)  # Nothing is ever written there: it ends with the supervisor.
    os.kill(os.getpid(), signal.SIGTERM)


def exit_soon() -> None:
    """End this process with 0 in EXIT_SECONDS, unless it ends before. It need not be asked again.

    Python waits for its threads in the end, and one may hang in the database.
    """
    for number in STOP_SIGNALS:
        # Python gives up its handlers before it ends: a second Ctrl-C would kill it, with a status
        # that says it had failed.
        signal.signal(number, signal.SIG_IGN)
    limit = threading.Timer(EXIT_SECONDS, os._exit, args=[0])
    limit.daemon = True
    limit.start()
