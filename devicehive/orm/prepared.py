"""Statements that a connection to PostgreSQL has prepared, and so plans once.

To plan those of a lone save takes PostgreSQL as long as everything else that it does for it.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

_PLANNED_ONCE = (
    # For any values, or they would be planned for those of each time.
    "SET LOCAL plan_cache_mode TO force_generic_plan",
    # All are by key. Planned while a table has ten rows, one would read all of it for as long as
    # nobody has told PostgreSQL that it has grown to a million.
    "SET LOCAL enable_seqscan TO off",
)
"""True until the transaction ends."""


class Prepared:
    """Those of one connection, by their text. Belongs to the connection's thread."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._numbers = count()

    def names_of(self, texts: Sequence[str]) -> list[str]:
        """The names by which to EXECUTE them; they are prepared first where they are not yet."""
        return [self._names.get(text) or self._prepare(text) for text in texts]

    def forget(self) -> None:
        self._names = {}

    def _prepare(self, text: str) -> str:
        name = self._new_name(text)
        # In a message of its own, which is what PostgreSQL shows as the text of it.
        with connection.wrap_database_errors:
            connection.connection.execute(f"PREPARE {name} AS {_numbered(text)}")
        self._names[text] = name
        return name

    def _new_name(self, text: str) -> str:
        """By the text, so that none ever means another, even behind something that gives processes
        each other's connections. And never again: whether one that has failed is taken, nobody
        knows."""
        return f"s{sha256(text.encode()).hexdigest()[:16]}_{next(self._numbers)}"


def plan_settings() -> Sequence[str]:
    """What goes before prepared statements, if they are the first of a transaction."""
    # Here, because a server on SQLite would import it as well, for a tenth of its start.
    from psycopg.pq import TransactionStatus

    is_first = connection.connection.pgconn.transaction_status == TransactionStatus.IDLE
    return _PLANNED_ONCE if is_first else ()


def _numbered(text: str) -> str:
    """With $1, $2 and so on as PostgreSQL has placeholders, for %s as drivers have them."""
    numbers = count(1)
    return re.sub("%[s%]", lambda found: f"${next(numbers)}" if found[0] == "%s" else "%", text)


_of: WeakKeyDictionary[Any, Prepared] = WeakKeyDictionary()


def prepared() -> Prepared:
    """Those of this thread's connection, which is open."""
    return _of.get(connection.connection) or _of.setdefault(connection.connection, Prepared())
