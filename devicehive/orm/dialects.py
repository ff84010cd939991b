"""What SQLite and PostgreSQL do differently with many values and many statements at once."""

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
    @abstractmethod
    def many(self, values: Iterable[object]) -> str:
        """Many values as the one parameter of an `among` condition."""

    @abstractmethod
    def rows_compiled(self, rows: int) -> int:
        """With how many rows to compile the INSERT of so many."""

    @abstractmethod
    def insert_values(self, columns: Iterable[Sequence[Any]]) -> list[Any]:
        """The parameters of that INSERT, from the values of each column."""

    @abstractmethod
    def execute(self, statements: Sequence[Statement]) -> list[Rows]:
        """The rows of each statement."""

    @abstractmethod
    def execute_last(self, statements: Sequence[Statement]) -> None:
        """Execute what the outermost transaction ends with; nothing may follow but its commit."""

    @abstractmethod
    def stream(self, cursor: Any, statement: Statement, size: int) -> Iterator[tuple[Any, ...]]:
        """Its rows, of which about so many are in memory before the first of them is taken."""


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
        # One array a column: the statement is the same for any number of rows, as Django writes
        # it for more than one. One alone, as VALUES, is a quarter less work to insert.
        return min(rows, 2)

    def insert_values(self, columns: Iterable[Sequence[Any]]) -> list[Any]:
        return [values[0] if len(values) == 1 else array_literal(values) for values in columns]

    def execute(self, statements: Sequence[Statement]) -> list[Rows]:
        """On one way there and back, which is most of it for a lone save."""
        if not statements:
            return []
        try:
            return _execute_prepared(statements)
        except NotSupportedError:
            if connection.in_atomic_block:
                raise
            # They are prepared anew.
            return _execute_prepared(statements)

    def execute_last(self, statements: Sequence[Statement]) -> None:
        """The commit goes with them; Django, which is to commit next, finds nothing to do."""
        _execute_prepared(statements, commits=True)

    def stream(self, cursor: Any, statement: Statement, size: int) -> Iterator[tuple[Any, ...]]:
        """Not by a cursor of the server's: each hundred rows would be a way there and back, and
        all would be kept there first."""
        with connection.wrap_database_errors:
            yield from cursor.stream(*statement, size=size)


DIALECTS: dict[str, Dialect] = {"sqlite": SQLite(), "postgresql": PostgreSQL()}


@cache
def dialect() -> Dialect:
    """The dialect of the database; Django looks up the thread's connection to tell which it is."""
    return DIALECTS[connection.vendor]


def array_literal(values: Iterable[object]) -> str:
    """PostgreSQL's text form of an array. psycopg writes the same, at several times the cost:
    it chooses a type for every list and escapes every value by regular expressions."""
    elements = list(values)
    # Escaped all at once, where no element is NULL; one with a NUL is for PostgreSQL to refuse.
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
    # Here, because a server on SQLite would import its driver as well, for a tenth of its start.
    from devicehive.orm.prepared import prepared

    database = connections[DEFAULT_DB_ALIAS]  # `connection` looks for it each time.
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
    """An INSERT has none, and says so by describing none."""
    return [] if cursor.description is None else list(cursor.fetchall())
