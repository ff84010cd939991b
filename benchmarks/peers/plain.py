"""Peer (c): the `websockets` library and asyncpg, one INSERT ... ON CONFLICT a message.

Run as `python -m benchmarks.peers.plain PORT`, on a PostgreSQL database with this server's own
tables, so that indexes and constraints are the same. It is about the least code that saves a device
on asyncio, and checks none of the protocol's rules.
"""

import asyncio
import os
import signal
import sys
from typing import Any

import asyncpg
import jwt
import msgspec
from websockets.asyncio.server import ServerConnection, serve

POOL_SIZE = 10
SAVE = """
    INSERT INTO devices_device (id, name, data, network_id, device_type_id, is_blocked, generation)
    VALUES ($1, $2, $3, $4, $5, $6, 1)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, data = excluded.data,
        network_id = excluded.network_id, device_type_id = excluded.device_type_id,
        is_blocked = excluded.is_blocked
"""


class Device(msgspec.Struct, rename="camel"):
    name: str
    data: msgspec.Raw
    network_id: int
    device_type_id: int
    is_blocked: bool = False


class Message(msgspec.Struct, rename="camel"):
    action: str
    request_id: Any = None
    token: str | None = None
    device_id: str | None = None
    device: Device | None = None


decode = msgspec.json.Decoder(Message).decode
pool: asyncpg.Pool


async def handle(socket: ServerConnection) -> None:
    authenticated = False
    async for text in socket:
        message = decode(text)
        answer = {"action": message.action, "requestId": message.request_id, "status": "success"}
        if message.action == "authenticate":
            jwt.decode(message.token or "", os.environ["JWT_SECRET"], ["HS256"])
            authenticated = True
        elif message.action == "device/save" and authenticated:
            await save(message)
        else:
            answer |= {"status": "error", "code": 401, "error": "Unauthorized"}
        await socket.send(msgspec.json.encode(answer), text=True)


async def save(message: Message) -> None:
    device = message.device
    assert device is not None
    await pool.execute(
        SAVE,
        message.device_id,
        device.name,
        bytes(device.data).decode(),
        device.network_id,
        device.device_type_id,
        device.is_blocked,
    )


async def main(port: int) -> None:
    global pool
    pool = await asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=POOL_SIZE, max_size=POOL_SIZE, reset=keep
    )
    stop = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set_result, None)
    async with pool, serve(handle, "127.0.0.1", port, compression=None):
        await stop


async def keep(connection: Any) -> None:
    """Replaces the pool's reset of a session, which would be a second statement for every save:
    nothing here changes the session."""


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
