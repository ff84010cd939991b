"""Redis dies and comes back: nothing that was acknowledged is lost, or told twice."""

import asyncio
import os

import pytest

from tests.faults.own_redis import OwnRedis
from tests.faults.telling import assert_heard, listening, telling
from tests.server import Server

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
