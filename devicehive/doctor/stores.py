"""Examines the database and Redis that the settings name."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from devicehive.doctor.findings import Finding, failure, ok, warning
from devicehive.orm.reasons import reason_of
from devicehive.orm.schema import foreign_encoding, missing_migrations

MOST_APART_SECONDS = 2
"""How far clocks may be apart. A search for missed events begins some seconds earlier than needed,
which makes up for that."""
SLOW_SECONDS = 0.05
"""A round trip to Redis that takes longer is a finding. In the same data centre it takes a
hundredth of that."""
REDIS_SECONDS = 5


def database() -> Iterator[Finding]:
    """Whether the database answers, can store any character, has acknowledged saves on disk, and
    has all migrations."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield failure(reason_of(error), "Start it, or correct DATABASE_URL.")
        return
    yield from _sqlite() if connection.vendor == "sqlite" else _postgresql()
    missing = missing_migrations()
    if missing:
        yield failure(f"{len(missing)} migrations are missing", "Run manage.py migrate.")
    else:
        yield ok("migrations are complete")


def has_tables() -> bool:
    """Whether the database can be reached and has all tables."""
    try:
        return not missing_migrations()
    except DatabaseError:
        return False


def _sqlite() -> Iterator[Finding]:
    mode, synchronous = _ask("PRAGMA journal_mode"), _ask("PRAGMA synchronous")
    if mode != "wal":
        yield warning(
            f"SQLite: journal_mode is {mode}, not wal: readers and the writer wait for each other",
            "Add PRAGMA journal_mode=WAL to init_command; network drives cannot do it.",
        )
    if int(str(synchronous)) < 2:
        yield warning(
            "SQLite: synchronous is not FULL: a power failure loses acknowledged saves",
            "Add PRAGMA synchronous=FULL to init_command in OPTIONS of DATABASES.",
        )
    yield ok("SQLite answers")


def _postgresql() -> Iterator[Finding]:
    if encoding := foreign_encoding():
        yield failure(
            f"PostgreSQL: the encoding {encoding} of the database lacks characters",
            "Create it anew with ENCODING 'UTF8' TEMPLATE template0, and restore a backup into it.",
        )
    for name in ("fsync", "synchronous_commit"):
        if _ask(f"SHOW {name}") == "off":
            yield warning(
                f"PostgreSQL: {name} is off: a power failure loses acknowledged saves",
                f"Set {name} = on, unless you can afford to lose the latest ones.",
            )
    yield from _clock(
        "PostgreSQL", float(str(_ask("SELECT extract(epoch FROM clock_timestamp())")))
    )
    yield ok("PostgreSQL answers")


def _ask(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def redis_server() -> Iterator[Finding]:
    """Whether Redis answers in time, has the right time, and keeps idle connections open."""
    if not settings.REDIS_URL:
        yield ok("Redis is not used: one process serves")
        return
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_SECONDS)
    try:
        yield from _redis(client)
    except (redis.AuthenticationError, redis.ResponseError) as error:
        advice = "Correct the user, the password and the number of the database in REDIS_URL."
        yield failure(f"Redis refuses: {error}", advice)
    except redis.RedisError as error:
        yield failure(f"Redis does not answer: {error}", "Start it, or correct REDIS_URL.")
    finally:
        client.close()


def _redis(client: "redis.Redis") -> Iterator[Finding]:
    client.ping()
    started = time.monotonic()
    seconds, microseconds = client.time()
    passed = time.monotonic() - started
    if passed > SLOW_SECONDS:
        yield warning(
            f"Redis takes {passed * 1_000:.0f} ms for a round trip",
            "Events between processes are as late. Move it nearer, or find what keeps it busy.",
        )
    yield from _clock("Redis", seconds + microseconds / 1_000_000)
    yield from _idle(client)
    yield ok("Redis answers")


def _idle(client: "redis.Redis") -> Iterator[Finding]:
    try:
        idle = int(client.config_get("timeout")["timeout"] or 0)
    except redis.ResponseError:
        yield ok("Redis does not show its settings, as is usual where it is hosted")
        return
    if 0 < idle < 60:
        yield warning(
            f"Redis ends connections that are idle for {idle} s", "Set timeout 0 in redis.conf."
        )


def _clock(whose: str, moment: float) -> Iterator[Finding]:
    apart = moment - datetime.now(UTC).timestamp()
    if abs(apart) > MOST_APART_SECONDS:
        yield warning(
            f"the clock of {whose} is {abs(apart):.0f} s {'ahead' if apart > 0 else 'behind'}",
            "Keep the clocks of all machines right, with NTP.",
        )
