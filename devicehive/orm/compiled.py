"""Statements that the ORM writes once and that are then only given values.

To build and compile a queryset takes some 0.4 ms, and a value that is a parameter of its own is
handled by itself, by Django and by the driver. The statements of the save path are the ORM's
too, but kept as text, with one parameter for any number of values.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import msgspec
from django.db import connection
from django.db.models import BigAutoField, ForeignKey, Lookup, Model, QuerySet
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery

from devicehive.orm.fields import CodePointCharField


@BigAutoField.register_lookup
@ForeignKey.register_lookup
@CodePointCharField.register_lookup
class Among(Lookup):
    """`column__among=""`: IN, with one parameter that holds all the values (see `many`)."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        column_type = self.lhs.output_field.db_type(connection).partition("(")[0]
        return f"{column} = ANY (%s::{column_type}[])", [*params, self.rhs]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, self.rhs]  # noqa: S608  # a column of the ORM


class Statement(NamedTuple):
    sql: str
    values: list[Any]


class Select:
    """A SELECT with `among` conditions, compiled at its first use.

    Each condition needs a `filter` of its own: Django sorts those within one by their names.
    """

    def __init__(self, rows: Callable[[], QuerySet[Any, Any]]) -> None:
        self._rows = rows
        self._sql = cache(self._compile)

    def among(self, *values: Collection[object]) -> Statement | None:
        """With the values of each condition in turn. None if the first has no values: then
        there are no rows, and nothing need be asked."""
        if not values[0]:
            return None
        return Statement(self._sql(connection.vendor), [many(each) for each in values])

    def _compile(self, vendor: str) -> str:
        sql, _ = self._rows().query.get_compiler(connection=connection).as_sql()
        return str(sql)


class Insert:
    """An INSERT of any number of rows of plain values, which both databases take as they are."""

    def __init__(
        self, model: type[Model], columns: Sequence[str], *, replacing: Sequence[str] = ()
    ) -> None:
        """With `replacing`, the columns of a unique constraint, rows that exist are
        overwritten; without, they raise IntegrityError."""
        self._model = model
        self._columns = columns
        self._replacing = replacing
        self._sql = cache(self._compile)

    def of(self, rows: Sequence[tuple[Any, ...]]) -> Statement | None:
        if not rows:
            return None
        if connection.vendor == "postgresql":
            # One array a column: the statement is the same for any number of rows.
            arrays = [array_literal(column) for column in zip(*rows, strict=True)]
            return Statement(self._sql("postgresql", 2), arrays)
        values = [value for row in rows for value in row]
        return Statement(self._sql(connection.vendor, len(rows)), values)

    def _compile(self, vendor: str, rows: int) -> str:
        fields = {field.attname: field for field in self._model._meta.concrete_fields}
        query = InsertQuery(
            self._model,
            on_conflict=OnConflict.UPDATE if self._replacing else None,
            update_fields=[fields[c] for c in self._columns if c not in self._replacing],
            unique_fields=[fields[c] for c in self._replacing],
        )
        # Only the text is kept, so any instance stands for a row.
        query.insert_values([fields[c] for c in self._columns], [self._model()] * rows, raw=True)
        ((sql, _),) = query.get_compiler(connection=connection).as_sql()
        return str(sql)


def execute(*statements: Statement | None) -> list[list[tuple[Any, ...]]]:
    """Execute statements in order; the rows of each, as the driver returns them.

    PostgreSQL gets them in one message: for a lone save the way there and back is most of it.
    """
    asked = [statement for statement in statements if statement is not None]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            answers = iter(_execute_together(cursor, asked))
        else:
            answers = iter([_rows(cursor.execute(*statement)) for statement in asked])
    return [[] if statement is None else next(answers) for statement in statements]


def _execute_together(cursor: Any, statements: list[Statement]) -> list[list[tuple[Any, ...]]]:
    if not statements:
        return []
    cursor.execute(
        ";".join(statement.sql for statement in statements),
        [value for statement in statements for value in statement.values],
    )
    answers = [_rows(cursor)]
    while cursor.nextset():
        answers.append(_rows(cursor))
    return answers


def _rows(cursor: Any) -> list[tuple[Any, ...]]:
    """An INSERT has none, and says so by describing none."""
    return [] if cursor.description is None else list(cursor.fetchall())


def many(values: Iterable[object]) -> str:
    """Many values as one parameter of an `among` condition."""
    if connection.vendor == "postgresql":
        return array_literal(values)
    return msgspec.json.encode(list(values)).decode()


def array_literal(values: Iterable[object]) -> str:
    """PostgreSQL's text form of an array. psycopg writes the same, at several times the cost:
    it chooses a type for every list and escapes every value by regular expressions."""
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    text = str(value)
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
