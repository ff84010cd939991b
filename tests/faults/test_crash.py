"""Acknowledged saves survive the kill of the process."""

import os

from tests.faults.load import load, stored
from tests.server import StartServer

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "3"))


async def test_no_acknowledged_save_is_lost(start_server: StartServer) -> None:
    server = start_server()
    for crash in range(ROUNDS):
        async with load(server) as running:
            await running.acknowledges(200 + 37 * crash)
            server.kill()
        assert {saver.close_code for saver in running.savers} == {1006}
        server.start()
        saves = stored(server, running.savers)
        for saver, saved in zip(running.savers, saves, strict=True):
            assert saver.acknowledged <= saved <= saver.sent
