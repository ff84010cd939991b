"""Settings: where everything is kept, and how long the server waits for it."""

from pathlib import Path
from typing import Any

import dj_database_url

from devicehive import env, state

DATABASE_THREADS = env.number(
    "DATABASE_THREADS", 4, "Threads of a process for reads and single writes.", least=1, most=64
)
SAVE_BATCH_SIZE = env.number(
    "SAVE_BATCH_SIZE", 500, "Most saves that share one transaction.", least=1, most=2_000
)
SAVE_SECONDS = env.number(
    "SAVE_SECONDS",
    2,
    "How long a request waits for a database that does nothing, or a save for a row that somebody "
    "else has locked, before it is answered with 503; all but saves and look-ups two fifths "
    "longer, since a database that is only busy is waited for.",
    least=1,
    most=3_600,
)
DATABASE_CONNECT_SECONDS = env.number(
    "DATABASE_CONNECT_SECONDS",
    2,
    "How long to wait for a connection to PostgreSQL; the network tries a lost packet again after "
    "one second.",
    least=2,  # libpq makes two of one.
    most=60,
)
DATABASE_KEEPALIVE_SECONDS = env.number(
    "DATABASE_KEEPALIVE_SECONDS",
    5,
    "After how long without a sign a connection to PostgreSQL is given up: one whose host or "
    "network has gone ends in no other way.",
    least=3,
    most=3_600,
)
DATABASE_LOCK_SECONDS = env.number(
    "DATABASE_LOCK_SECONDS",
    2,
    "How long a request waits in PostgreSQL for what somebody else has locked, before it is "
    "answered with 503.",
    least=1,
    most=3_600,
)
DATABASE_STATEMENT_SECONDS = env.number(
    "DATABASE_STATEMENT_SECONDS",
    10,
    "How long PostgreSQL works on one statement of a server, and SQLite waits for another writer; "
    "then it is answered with 503, and the thread is free for others.",
    least=1,
    most=3_600,
)


def connection_to(url: str, *, folder: Path) -> dict[str, Any]:
    """What Django is to know of the database at `url`; that of tests is in `folder`."""
    settings: dict[str, Any] = {**dj_database_url.parse(url)}
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        state.keep_private(Path(settings["NAME"]), folder)
        return settings | {
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # IMMEDIATE: a transaction that starts by reading and then writes cannot wait for
                # the lock when another got it in between; SQLite would fail it at once.
                # synchronous=FULL: without it WAL loses acknowledged commits on power failure.
                "transaction_mode": "IMMEDIATE",
                # Not less: SQLite's waiting is not fair, and who is unlucky waits for many.
                "timeout": DATABASE_STATEMENT_SECONDS,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
            # The threads of a process each have a connection; an in-memory test database would
            # give them shared-cache table locks, which no timeout waits for.
            "TEST": {"NAME": str(folder / "test.sqlite3")},
        }
    waits = {
        "connect_timeout": DATABASE_CONNECT_SECONDS,
        "keepalives_idle": DATABASE_KEEPALIVE_SECONDS - 2,
        "keepalives_interval": 1,
        "keepalives_count": 2,
        "tcp_user_timeout": DATABASE_KEEPALIVE_SECONDS * 1_000,
    }
    # What the URL says, such as ?sslmode=require, wins. Threads of a server keep their connections
    # (`orm.connections`); this closes those of the HTTP requests in Django, whose threads end.
    return settings | {"CONN_MAX_AGE": 0, "OPTIONS": waits | settings.get("OPTIONS", {})}
