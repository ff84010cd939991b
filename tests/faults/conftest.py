"""Servers that share a database and a Redis of their own, which tests may kill."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.own_postgresql import OwnPostgreSQL
from tests.faults.own_redis import OwnRedis
from tests.server import Database, Server, StartServer, migrate


@pytest.fixture
def redis() -> Iterator[OwnRedis]:
    # A path of a socket must be short, and pytest's folders are not.
    with tempfile.TemporaryDirectory() as folder:
        redis = OwnRedis(Path(folder))
        yield redis
        redis.kill()


@pytest.fixture(scope="module")
def migrated_postgresql() -> Iterator[tuple[OwnPostgreSQL, Database]]:
    with tempfile.TemporaryDirectory() as folder:
        postgresql = OwnPostgreSQL(Path(folder))
        yield postgresql, migrate(postgresql.url, Path(folder))
        postgresql.stop()


@pytest.fixture
def postgresql(
    migrated_postgresql: tuple[OwnPostgreSQL, Database], tmp_path: Path
) -> Iterator[tuple[OwnPostgreSQL, Server]]:
    """A server, and the PostgreSQL that it alone uses."""
    own, database = migrated_postgresql
    limits = {"SAVE_SECONDS": "2", "DATABASE_LOCK_SECONDS": "2"}
    server = Server(database, tmp_path, DATABASE_STATEMENT_SECONDS="10", **limits)
    yield own, server
    server.close()


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
