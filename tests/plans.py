"""Observe which queries are made, and how the database plans them."""

import re
from collections.abc import Callable, Iterable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def plans(ask: Callable[[], Iterable[object]], *tables: str) -> str:
    """The steps of every query in what `ask` asks that is about one of the tables."""
    with CaptureQueriesContext(connection) as asked:
        list(ask())
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    steps = []
    for query in asked.captured_queries:
        sql = query["sql"]
        if any(table in sql for table in tables):
            with connection.cursor() as cursor:
                cursor.execute(f"{explain} {sql}".replace("%", "%%"), [])
                steps += [str(row[-1]) for row in cursor.fetchall()]
    return "\n".join(steps)


def texts(asked: CaptureQueriesContext) -> list[str]:
    """The statements that were asked for: PostgreSQL executes prepared ones by their names."""
    queries = [query["sql"] for query in asked.captured_queries]
    if connection.vendor != "postgresql":
        return queries
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, statement FROM pg_prepared_statements")
        prepared = dict(cursor.fetchall())
    found = [re.findall("EXECUTE (s[0-9a-f]+_[0-9]+)", query) or [query] for query in queries]
    return [prepared.get(each, each) for executed in found for each in executed]
