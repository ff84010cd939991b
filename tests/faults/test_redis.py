"""Redis carries events; saves work without it."""

from tests.conftest import success
from tests.faults.own_redis import OwnRedis
from tests.server import Server, StartServer

DEVICE = {"name": "Lamp"}


def saves(server: Server) -> dict[str, object]:
    return server.connect("bob").ask("device/save", deviceId="lamp", device=DEVICE)


def test_saves_go_on_without_redis(start_server: StartServer) -> None:
    server = start_server(REDIS_URL="redis://127.0.0.1:1")
    assert saves(server) == success("device/save")
    assert server.terminate() == 0


def test_saves_go_on_when_redis_stops(start_server: StartServer, redis: OwnRedis) -> None:
    server = start_server(REDIS_URL=redis.url)
    connection = server.connect("bob")
    assert connection.ask("device/save", deviceId="lamp", device=DEVICE) == success("device/save")
    redis.kill()
    for _ in range(3):
        answer = connection.ask("device/save", deviceId="lamp", device=DEVICE)
        assert answer == success("device/save")
    assert saves(server) == success("device/save")
    assert server.terminate() == 0
