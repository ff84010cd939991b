"""Commands of manage.py that are forked from a process which has imported the libraries already.

Three quarters of the time of a start go into imports, and more than half into those of libraries,
which are the same for every command. The process that does them once has read no setting of ours,
opened no file and started no thread; what is forked reads the code of the project and its
environment for itself, as the command of a user does. Started as a program, this module is that
process.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from functools import cache
from multiprocessing.connection import wait as wait_until_readable
from pathlib import Path
from typing import IO, Any, Self

BASE_DIR = Path(__file__).parent.parent
LIBRARIES = (
    *("django.core.management", "django.db.models", "django.db.migrations.executor"),
    *("django.core.handlers.asgi", "django.test", "django.forms.models", "django.urls"),
    *("django.contrib.admin.sites", "django.contrib.auth.hashers", "channels.layers"),
    *("jwt", "msgspec", "argon2", "whitenoise"),
    *("twisted.internet.asyncioreactor", "twisted.internet.endpoints", "twisted.web.http"),
    *("autobahn.twisted", "daphne.http_protocol", "daphne.ws_protocol"),
)
"""None of these reads a setting or an environment variable that a test sets, or makes a loop. The
drivers of databases are not among them: a server imports the one that it needs."""

MAX_REQUEST_BYTES = 1 << 17
EVERY_DESCRIPTOR = 1 << 20


class Forked:
    """What tests need of `subprocess.Popen`, of a process that is a child of another."""

    def __init__(self, pid: int, stdout: IO[str], status: socket.socket) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | Any = None
        self.status = status

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stdout.close()
        self.wait()

    def poll(self) -> int | None:
        if self.returncode is None and wait_until_readable([self.status], 0):
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not wait_until_readable([self.status], timeout):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            self.returncode = json.loads(self.status.recv(MAX_REQUEST_BYTES))
            self.status.close()
        return self.returncode

    def communicate(self, timeout: float) -> tuple[str, None]:
        """What it still writes to stdout, until it has ended."""
        deadline = time.monotonic() + timeout
        written = b""
        while wait_until_readable([self.stdout.fileno()], max(0, deadline - time.monotonic())):
            if not (read := os.read(self.stdout.fileno(), MAX_REQUEST_BYTES)):
                self.stdout.close()
                self.wait(max(0, deadline - time.monotonic()))
                return written.decode().replace("\r\n", "\n"), None
            written += read
        raise subprocess.TimeoutExpired(str(self.pid), timeout, written)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):  # It has ended, and that is not told yet.
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Prepared:
    """The process that has imported the libraries, seen from the one that runs tests."""

    def __init__(self) -> None:
        self.requests, its_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its_end:
            # A pipe, because sys.stdout is made here for all of them, and theirs are pipes.
            self.process = subprocess.Popen(
                [sys.executable, __file__, str(its_end.fileno())],
                cwd=BASE_DIR,
                pass_fds=[its_end.fileno()],
                env={"PATH": os.environ["PATH"]},
                stdout=subprocess.PIPE,
            )

    def start(self, command: list[str], environment: dict[str, str], stderr: IO[bytes]) -> Forked:
        """Fork a command of Python: its program, and the arguments."""
        output, its_stdout = os.pipe()
        status, its_status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = json.dumps([command, environment]).encode()
        descriptors = [its_stdout, stderr.fileno(), its_status.fileno()]
        with its_status:
            socket.send_fds(self.requests, [request], descriptors)
            os.close(its_stdout)
        pid = json.loads(status.recv(MAX_REQUEST_BYTES))
        return Forked(pid, os.fdopen(output), status)

    def end(self) -> None:
        self.requests.close()
        self.process.communicate()


@cache
def prepared() -> Prepared:
    """One for each process that runs tests, made when the first command is started."""
    made = Prepared()
    atexit.register(made.end)
    return made


def import_libraries() -> None:
    for name in LIBRARIES:
        importlib.import_module(name)
    settings = sys.modules["django.conf"].settings
    assert not settings.configured, "a library has read the settings of a command"
    assert "twisted.internet.reactor" not in sys.modules, "commands would share an event loop"


def fork_what_is_asked_for(requests: socket.socket) -> list[str]:
    """Returns in each command that is forked, with its program and the arguments."""
    running: dict[int, tuple[int, int]] = {}
    poll = select.poll()
    poll.register(requests, select.POLLIN)
    while True:
        for descriptor, _ in poll.poll():
            if descriptor in running:
                poll.unregister(descriptor)
                tell_the_end(descriptor, *running.pop(descriptor))
                continue
            request, descriptors, *_ = socket.recv_fds(requests, MAX_REQUEST_BYTES, 3)
            if not request:
                sys.exit()  # No tests are left.
            stdout, stderr, status = descriptors
            command: list[str]
            command, environment = json.loads(request)
            if not (pid := os.fork()):
                become(environment, stdout, stderr)
                return command
            os.close(stdout)
            os.close(stderr)
            os.write(status, json.dumps(pid).encode())
            running[end := os.pidfd_open(pid)] = pid, status
            poll.register(end, select.POLLIN)


def tell_the_end(end: int, pid: int, status: int) -> None:
    os.close(end)
    _, code = os.waitpid(pid, 0)
    with suppress(BrokenPipeError):  # A test that has failed does not ask.
        os.write(status, json.dumps(os.waitstatus_to_exitcode(code)).encode())
    os.close(status)


def become(environment: dict[str, str], stdout: int, stderr: int) -> None:
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    os.closerange(3, EVERY_DESCRIPTOR)
    os.environ.update(environment)  # Until now, it has PATH and what Python itself sets.
    signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    gc.disable()  # As manage.py does.
    # Ctrl-C is for the tests, which end what they have started.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path[0] = str(BASE_DIR)
    import_libraries()
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        sys.argv = fork_what_is_asked_for(requests)
        requests.detach()
    runpy.run_path(sys.argv[0], run_name="__main__")
