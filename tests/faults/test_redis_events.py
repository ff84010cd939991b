"""Redis dies and comes back: no acknowledged event is lost or told twice."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.faults.conftest import started
from tests.faults.own_redis import OwnRedis
from tests.faults.telling import assert_heard, listening, telling
from tests.server import Server, StartServer

pytestmark = pytest.mark.postgresql

OUTAGE = float(os.environ.get("OUTAGE_SECONDS", "3"))


async def test_what_is_told_meanwhile_is_heard_once_and_in_order(
    two_servers: tuple[Server, Server], redis: OwnRedis
) -> None:
    async with listening(two_servers * 2) as listeners:
        async with telling(two_servers) as tellers:
            await asyncio.sleep(1)
            redis.kill()
            before = [teller.told for teller in tellers]
            await asyncio.sleep(OUTAGE)
            assert all(t.told > told for t, told in zip(tellers, before, strict=True))
            redis.start()
            await asyncio.sleep(2)
        await assert_heard(listeners, tellers)


async def test_servers_that_start_without_redis_hear_each_other_when_it_is_there(
    redis: OwnRedis, start_server: StartServer, tmp_path: Path
) -> None:
    redis.kill()
    with started(start_server(REDIS_URL=redis.url), tmp_path) as servers:
        async with listening(servers) as listeners:
            async with telling(servers) as tellers:
                await asyncio.sleep(1)
                redis.start()
                await listeners[0].hears(1_000)
            await assert_heard(listeners, tellers)
