"""Settings of the database: its connection, its threads and its timeouts."""

from pathlib import Path
from typing import Any

import dj_database_url

from devicehive import env, state

DATABASE_THREADS = env.number(
    "DATABASE_THREADS", 4, "Threads per process for reads and single writes.", least=1, most=64
)
SAVE_BATCH_SIZE = env.number(
    "SAVE_BATCH_SIZE", 500, "How many saves may share a transaction.", least=1, most=2_000
)
SAVE_SECONDS = env.number(
    "SAVE_SECONDS",
    2,
    "How long a request waits for a database that does nothing, or a save for a locked row, before "
    "it is answered with 503. Requests other than saves and look-ups wait two fifths longer, "
    "because the database may only be busy.",
    least=1,
    most=3_600,
)
DATABASE_CONNECT_SECONDS = env.number(
    "DATABASE_CONNECT_SECONDS",
    2,
    "How long to wait for a connection to PostgreSQL; the network sends a lost packet again after "
    "one second.",
    least=2,  # libpq rounds 1 up to 2.
    most=60,
)
DATABASE_KEEPALIVE_SECONDS = env.number(
    "DATABASE_KEEPALIVE_SECONDS",
    5,
    "After how long without any packet a connection to PostgreSQL is given up. Without this, a "
    "connection whose host or network has gone would not end.",
    least=3,
    most=3_600,
)
DATABASE_LOCK_SECONDS = env.number(
    "DATABASE_LOCK_SECONDS",
    2,
    "How long a request waits for a lock in PostgreSQL before it is answered with 503.",
    least=1,
    most=3_600,
)
DATABASE_STATEMENT_SECONDS = env.number(
    "DATABASE_STATEMENT_SECONDS",
    10,
    "How long PostgreSQL may work on one statement of a server, and SQLite wait for another "
    "writer. Then the request is answered with 503, and the thread is free for others.",
    least=1,
    most=3_600,
)


def connection_to(url: str, *, folder: Path) -> dict[str, Any]:
    """Django's settings for the database at `url`. SQLite's database for tests is in `folder`."""
    settings: dict[str, Any] = {**dj_database_url.parse(url)}
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        state.keep_private(Path(settings["NAME"]), folder)
        return settings | {
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # IMMEDIATE: if a transaction reads first and then writes, and another one gets the
                # lock in between, SQLite fails at once instead of waiting.
                # synchronous=FULL: without it, WAL loses acknowledged commits on power failure.
                "transaction_mode": "IMMEDIATE",
                # Not less: SQLite's locks are not fair, so a writer may wait for many others.
                "timeout": DATABASE_STATEMENT_SECONDS,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
            # Each thread of a process has a connection. With an in-memory database they would share
            # a cache, whose table locks fail at once, whatever the timeout.
            "TEST": {"NAME": str(folder / "test.sqlite3")},
        }
    waits = {
        "connect_timeout": DATABASE_CONNECT_SECONDS,
        "keepalives_idle": DATABASE_KEEPALIVE_SECONDS - 2,
        "keepalives_interval": 1,
        "keepalives_count": 2,
        "tcp_user_timeout": DATABASE_KEEPALIVE_SECONDS * 1_000,
    }
    # Options in the URL, such as ?sslmode=require, win. Our own threads keep their connections
    # (`orm.connections`); CONN_MAX_AGE=0 closes those of Django's HTTP requests, whose threads end.
    return settings | {"CONN_MAX_AGE": 0, "OPTIONS": waits | settings.get("OPTIONS", {})}
