"""Several server processes on one port."""

import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from types import FrameType

logger = logging.getLogger(__name__)

SHORTEST_LIFE = 5
"""Seconds. A process that ends sooner would end again: everything is stopped instead."""


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A listening socket. With `shared`, others may listen on the same port, and the system
    spreads connections evenly over them (SO_REUSEPORT). Raises OSError."""
    return socket.create_server((host, port), backlog=1024, reuse_port=shared)


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
        self.running: dict[int, tuple[subprocess.Popen[bytes], socket.socket, float]] = {}
        self.stopping = False
        self.failed = False

    def run(self) -> bool:
        """Serve until SIGTERM or SIGINT. False if a process ended badly."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        for each in self.sockets:
            self.start(each)
        while self.running:
            pid, status = os.wait()
            self.ended(pid, os.waitstatus_to_exitcode(status))
        return not self.failed

    def start(self, listening: socket.socket) -> None:
        descriptor = listening.fileno()
        process = subprocess.Popen(self.command(descriptor), pass_fds=[descriptor])  # noqa: S603  # our own command line
        self.running[process.pid] = (process, listening, time.monotonic())

    def stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True
        for listening in self.sockets:
            listening.close()
        for process, _, _ in self.running.values():
            process.terminate()

    def ended(self, pid: int, status: int) -> None:
        process, listening, started = self.running.pop(pid)
        process.returncode = status  # We waited for it, not Popen.
        if self.stopping:
            self.failed |= status != 0
        elif time.monotonic() - started < SHORTEST_LIFE:
            logger.error("server process %d ended at once with status %d", pid, status)
            self.failed = True
            self.stop(signal.SIGTERM, None)
        else:
            logger.error("server process %d ended with status %d; starting another", pid, status)
            self.start(listening)
