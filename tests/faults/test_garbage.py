"""The garbage collector, which stops everything while it runs, has little to do."""

import gc
import re
import signal
import time
from pathlib import Path

from devicehive.serving.garbage import OLDEST_GENERATION, Leaving
from tests.server import SECONDS, Server, StartServer

NEVER_COLLECTING = """
import gc, signal, sys

def tell(*_):
    kept = sum(type(each).__name__ == "DeviceProtocol" for each in gc.get_objects())
    print(f"kept: {kept}", file=sys.stderr, flush=True)

signal.signal(signal.SIGUSR1, tell)
gc.set_threshold(0)
"""


def test_connections_that_have_ended_are_freed_without_it(
    start_server: StartServer, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(NEVER_COLLECTING)
    server = start_server(PYTHONPATH=str(tmp_path))
    clients = [server.connect(login) for login in ("bob", "bob", None, None)]
    assert kept(server) == len(clients)
    server.sockets.close()
    deadline = time.monotonic() + SECONDS
    while kept(server):
        assert time.monotonic() < deadline


def kept(server: Server) -> int:
    """How many connections are in memory, open or not."""
    said = len(server.log)
    server.process.send_signal(signal.SIGUSR1)
    while (found := re.search(r"kept: (\d+)\n", server.log[said:])) is None:
        time.sleep(0.05)
    return int(found[1])


def test_what_is_used_is_left_alone_after_it_was_looked_at() -> None:
    leaving = Leaving()
    leaving("start", {"generation": OLDEST_GENERATION})
    leaving("stop", {"generation": OLDEST_GENERATION})
    try:
        assert gc.get_freeze_count() > 0
        assert len(gc.get_objects(OLDEST_GENERATION)) == 0
    finally:
        gc.unfreeze()


def test_all_is_looked_at_in_the_end() -> None:
    leaving = Leaving()
    leaving("stop", {"generation": OLDEST_GENERATION})
    leaving.looked -= 100_000
    leaving("start", {"generation": OLDEST_GENERATION})
    assert gc.get_freeze_count() == 0
