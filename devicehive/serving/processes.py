"""Runs several server processes on one port, and handles the signals to stop."""

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
"""The kernel's send buffer of a connection. By default it would grow to 4 MB for a client that does
not read, and the server would notice only after as much that the client reads again."""
SHORTEST_LIFE = 5
"""If a process ends within so many seconds, it is not started again, because it would end again;
all others are stopped."""
EXIT_SECONDS = 0.5
"""How long a process that has stopped waits for its threads."""


def bind(host: str, port: int, count: int) -> list[socket.socket]:
    """Open listening sockets, one for each process. If there are several, they share the port, and
    the system distributes connections evenly (SO_REUSEPORT). Raises OSError."""
    family, address = _resolve(host, port)
    alone = _listen(family, address)
    if count == 1:
        return [alone]
    # First listen without sharing, to notice if another server has the port. If the port was 0, the
    # system has chosen one.
    address = alone.getsockname()
    alone.close()
    return [_listen(family, address, shared=True) for _ in range(count)]


def _resolve(host: str, port: int) -> tuple[int, Any]:
    """The family and address of a host name: its first IPv4 address, or else an IPv6 one."""
    try:
        found = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except UnicodeError:
        raise OSError(errno.EINVAL, "not a name") from None
    family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    return family, address


def _listen(family: int, address: Any, *, shared: bool = False) -> socket.socket:
    # `::` stands for all addresses, including those of IPv4.
    both = family == socket.AF_INET6 and address[0] == "::" and socket.has_dualstack_ipv6()
    listening = socket.create_server(
        address, family=family, backlog=1024, reuse_port=shared, dualstack_ipv6=both
    )
    # Accepted connections inherit this from the listening socket.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    return listening


def hold_signals() -> None:
    """Block the signals to stop until there is something to stop.

    Started processes inherit this; `DeviceServer` unblocks them once it can drain.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS | {signal.SIGCHLD})


def take_signals() -> None:
    """Unblock the signals that `hold_signals` has blocked; pending ones are handled now."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


class Supervisor:
    """Runs a process for each socket, starts it again if it dies, and ends all on SIGTERM.

    The sockets stay open here, so that connections that come while a process is restarted wait for
    it instead of being refused.
    """

    def __init__(
        self, sockets: Sequence[socket.socket], command: Callable[[int], list[str]]
    ) -> None:
        self.sockets = sockets
        self.command = command
        """Makes the command line of a process that serves the socket with a file descriptor."""
        self.running: dict[subprocess.Popen[bytes], tuple[socket.socket, float]] = {}
        self.stopping = False
        self.failed = False

    def run(self) -> bool:
        """Run until SIGTERM or SIGINT. False if a process ended with an error.

        Signals are blocked and waited for. A signal handler could run while a process is being
        started, which would then not be stopped.
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
    """Have this process of a `Supervisor` stop, as by SIGTERM, if the supervisor is killed.

    Otherwise it would keep the port, and the server could not be started again.
    """
    threading.Thread(target=_stop_at_the_end_of, args=[sys.stdin.fileno()], daemon=True).start()


def _stop_at_the_end_of(pipe: int) -> None:
    os.read(pipe, 1)  # Nothing is ever written to the pipe; it closes when the supervisor ends.
    os.kill(os.getpid(), signal.SIGTERM)


def exit_soon() -> None:
    """Exit with status 0 after EXIT_SECONDS, unless the process ends before. Ignores further
    signals to stop.

    At its end Python waits for its threads, of which one may hang in the database.
    """
    for number in STOP_SIGNALS:
        # Python restores the default handlers before it exits: a second Ctrl-C would kill it, with
        # the status of a failure.
        signal.signal(number, signal.SIG_IGN)
    limit = threading.Timer(EXIT_SECONDS, os._exit, args=[0])
    limit.daemon = True
    limit.start()
