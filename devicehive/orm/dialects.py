"""The differences between SQLite and PostgreSQL in executing many values and statements at once."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import msgspec
from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connection, connections

Rows = list[tuple[Any, ...]]


class Statement(NamedTuple):
    sql: str
    values: list[Any]


class Dialect(ABC):
    """How one kind of database executes statements."""

    @abstractmethod
    def many(self, values: Iterable[object]) -> str:
        """Many values as the one parameter of an `among` condition."""

    @abstractmethod
    def rows_compiled(self, rows: int) -> int:
        """The number of rows with which to compile an INSERT of so many rows."""

    @abstractmethod
    def insert_values(self, columns: Iterable[Sequence[Any]]) -> list[Any]:
        """The parameters of an INSERT, from the values of each column."""

    @abstractmethod
    def execute(self, statements: Sequence[Statement]) -> list[Rows]:
        """Execute statements in order. Returns the rows of each."""

    @abstractmethod
    def execute_last(self, statements: Sequence[Statement]) -> None:
        """Execute the last statements of the outermost transaction. Only its commit may follow."""

    @abstractmethod
    def stream(self, cursor: Any, statement: Statement, size: int) -> Iterator[tuple[Any, ...]]:
        """Execute a statement and yield its rows, with about `size` of them in memory at once."""


class SQLite(Dialect):
    def many(self, values: Iterable[object]) -> str:
        return msgspec.json.encode(list(values)).decode()

    def rows_compiled(self, rows: int) -> int:
        return rows

    def insert_values(self, columns: Iterable[Sequence[Any]]) -> list[Any]:
        return list(chain.from_iterable(zip(*columns, strict=True)))

    def execute(self, statements: Sequence[Statement]) -> list[Rows]:
        with connection.cursor() as cursor:
            return [_rows(cursor.execute(*statement)) for statement in statements]

    def execute_last(self, statements: Sequence[Statement]) -> None:
        self.execute(statements)

    def stream(self, cursor: Any, statement: Statement, size: int) -> Iterator[tuple[Any, ...]]:
        cursor.execute(*statement)
        return chain.from_iterable(iter(lambda: cursor.fetchmany(size), []))


class PostgreSQL(Dialect):
    def many(self, values: Iterable[object]) -> str:
        return array_literal(values)

    def rows_compiled(self, rows: int) -> int:
        # Each column is one array, so the statement is the same for any number of rows: it is what
        # Django writes for more than one. A single row, as VALUES, takes a quarter less time.
        return min(rows, 2)

    def insert_values(self, columns: Iterable[Sequence[Any]]) -> list[Any]:
        return [values[0] if len(values) == 1 else array_literal(values) for values in columns]

    def execute(self, statements: Sequence[Statement]) -> list[Rows]:
        """Execute statements in one round trip, which is most of the time of a lone save."""
        if not statements:
            return []
        try:
            return _execute_prepared(statements)
        except NotSupportedError:
            if connection.in_atomic_block:
                raise
            # The prepared statements were outdated; now they are prepared again.
            return _execute_prepared(statements)

    def execute_last(self, statements: Sequence[Statement]) -> None:
        """Send the commit with the statements. Django's own commit then has nothing to do."""
        _execute_prepared(statements, commits=True)

    def stream(self, cursor: Any, statement: Statement, size: int) -> Iterator[tuple[Any, ...]]:
        """Not by a server-side cursor: it would take a round trip for each hundred rows, and the
        server would first keep all rows."""
        with connection.wrap_database_errors:
            yield from cursor.stream(*statement, size=size)


DIALECTS: dict[str, Dialect] = {"sqlite": SQLite(), "postgresql": PostgreSQL()}


@cache
def dialect() -> Dialect:
    """The dialect of the database. It is cached, because Django looks up the thread's connection
    for each access to `connection.vendor`."""
    return DIALECTS[connection.vendor]


def array_literal(values: Iterable[object]) -> str:
    """PostgreSQL's text form of an array. psycopg makes the same text, at several times the cost:
    it chooses a type for every list and escapes every value by regular expressions."""
    elements = list(values)
    # If no element is None or has a NUL character, all can be escaped at once. A value with NUL is
    # left to PostgreSQL, which refuses it.
    if elements and None not in elements:
        text = "\0".join(map(str, elements))
        if text.count("\0") == len(elements) - 1:
            return '{"' + _escape(text).replace("\0", '","') + '"}'
    return "{" + ",".join(map(_element, elements)) + "}"


def _element(value: object) -> str:
    return "NULL" if value is None else f'"{_escape(str(value))}"'


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _execute_prepared(statements: Sequence[Statement], *, commits: bool = False) -> list[Rows]:
    # Not at the top: a server on SQLite would import psycopg, too, for a tenth of its start.
    from devicehive.orm.prepared import prepared

    database = connections[DEFAULT_DB_ALIAS]  # `connection` would look it up at each access.
    database.ensure_connection()
    database.validate_no_broken_transaction()
    statements_of = prepared(database.connection)
    with database.wrap_database_errors:
        found = statements_of.execute(database.connection, statements, commits=commits)
    if database.queries_logged:
        executed = map(statements_of.executed, statements)
        database.queries_log.extend({"sql": each, "time": ""} for each in executed)
    return found


def _rows(cursor: Any) -> Rows:
    """The rows of an executed statement; none if it has no `description`, as an INSERT."""
    return [] if cursor.description is None else list(cursor.fetchall())
