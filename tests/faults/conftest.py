"""Servers that share a database and a Redis of their own, which tests may kill."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.own_redis import OwnRedis
from tests.server import Server, StartServer


@pytest.fixture
def redis() -> Iterator[OwnRedis]:
    # A path of a socket must be short, and pytest's folders are not.
    with tempfile.TemporaryDirectory() as folder:
        redis = OwnRedis(Path(folder))
        yield redis
        redis.kill()


@contextmanager
def started(first: Server, folder: Path) -> Iterator[tuple[Server, Server]]:
    """A second process over the same database and Redis, on a port of its own."""
    second = Server(first.database, folder, **first.environment)
    yield first, second
    second.close()


@pytest.fixture
def two_servers(
    start_server: StartServer, redis: OwnRedis, tmp_path: Path
) -> Iterator[tuple[Server, Server]]:
    """For tests that kill one of them, or their Redis."""
    with started(start_server(REDIS_URL=redis.url), tmp_path) as servers:
        yield servers


@pytest.fixture(scope="session")
def two_shared_servers(
    shared_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Server]]:
    with started(shared_server, tmp_path_factory.mktemp("second")) as servers:
        yield servers


@pytest.fixture
def both(two_shared_servers: tuple[Server, Server]) -> Iterator[tuple[Server, Server]]:
    """For tests that only talk to them: all of them share two."""
    yield two_shared_servers
    for server in two_shared_servers:
        server.sockets.close()
