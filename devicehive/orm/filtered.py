"""Queries like a queryset's, whose SQL is compiled only once for the same conditions.

Building and compiling the queryset of the devices that a client sees takes 0.6 ms, more than
reading a page of them. Here conditions are kept apart from their values, so that all queries with
the same conditions in the same order share one compiled text.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, Generic, NamedTuple, Self, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

from devicehive.orm.compiled import Parameter, column_text
from devicehive.orm.dialects import Dialect, Statement, dialect
from devicehive.orm.records import chain_of, column_names, read_records

M = TypeVar("M", bound=Model)

Narrow = Callable[..., QuerySet[Any]]
"""Makes a queryset from another one and from values. Equal conditions must use the same function
object, because it is part of the key under which the compiled text is cached."""
AT_ONCE = 100
"""How many rows are fetched from the database at once. A list has fewer by default; 100 of the
longest rows take 100 MB, for a moment, in each thread that reads."""


@dataclass(frozen=True, slots=True)
class _Conditions:
    names: tuple[str, ...]

    def __call__(self, rows: QuerySet[Any], *values: object) -> QuerySet[Any]:
        return rows.filter(**dict(zip(self.names, values, strict=True)))


@dataclass(frozen=True, slots=True)
class _Order:
    columns: tuple[Any, ...]

    def __call__(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.order_by(*self.columns)


class _Step(NamedTuple):
    narrow: Narrow
    values: int
    """The number of values that `narrow` takes."""


class _Compiled(NamedTuple):
    sql: str
    params: Sequence[Any]
    """Constants, and a Parameter for each value that is filled in."""
    converters: list[tuple[int, Callable[[Any], Any]]]
    """Positions in a row, and Django's functions that convert what the driver returns there."""


@dataclass(frozen=True, slots=True)
class Filtered(Generic[M]):
    """A lazy query for rows of a model, with the methods of a queryset. It is executed when it is
    iterated or counted."""

    model: type[M]
    steps: tuple[_Step, ...] = ()
    values: tuple[object, ...] = ()
    start: int = 0
    stop: int | None = None

    def filter(self, **conditions: object) -> Self:
        """Add conditions, all of which must be met. A collection holds the values of an `among`
        condition. None is not allowed as a value."""
        return self.where(_Conditions(tuple(conditions)), *conditions.values())

    def where(self, narrow: Narrow, *values: object) -> Self:
        """Add a condition by a function that is given a queryset and the values."""
        steps = (*self.steps, _Step(narrow, len(values)))
        return replace(self, steps=steps, values=(*self.values, *values))

    def none(self) -> Self:
        return self.where(QuerySet.none)

    def order_by(self, *columns: Any) -> Self:
        return self.where(_Order(columns))

    def __getitem__(self, rows: slice) -> Self:
        return replace(self, start=rows.start or 0, stop=rows.stop)

    def on(self, rows: QuerySet[M]) -> QuerySet[M]:
        """A queryset of the rows found that are also in `rows`."""
        return _narrowed(rows, self.steps, map(_several, self.values))

    @property
    def queryset(self) -> QuerySet[M]:
        """A queryset with the same conditions and order, but without the slice."""
        return self.on(self.model._default_manager.all())

    def count(self) -> int:
        """The number of rows, not regarding the slice."""
        compiled = self.order_by()._compiled("pk")
        if compiled is None:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM ({compiled.sql}) found", self._filled(compiled))  # noqa: S608  # the ORM's
            (number,) = cursor.fetchone()
        return int(number)

    def rows(self, *columns: str) -> Generator[tuple[Any, ...], None, None]:
        """Yield these columns of each row. Of more than AT_ONCE rows, not all are in memory at
        once. A caller that stops before the end must close the generator, which cancels the
        query."""
        compiled = self._compiled(*columns)
        if compiled is None or self.stop == self.start:
            return
        statement = Statement(compiled.sql + self._slice(), self._filled(compiled))
        is_short = self.stop is not None and self.stop - self.start <= AT_ONCE
        with connection.cursor() as cursor:
            if is_short:
                cursor.execute(*statement)
                rows = cursor.fetchall()
            else:
                rows = dialect().stream(cursor, statement, AT_ONCE)
            yield from _converted(rows, compiled.converters)

    def __iter__(self) -> Iterator[M]:
        return iter(read_records(self.model, self.rows(*column_names(self.model))))

    def first(self) -> M | None:
        return next(iter(self[:1]), None)

    def _compiled(self, *columns: str) -> _Compiled | None:
        return _compile(dialect(), self.model, self.steps, columns)

    def _slice(self) -> str:
        if self.stop is None:
            return ""
        return f" LIMIT {self.stop - self.start:d} OFFSET {self.start:d}"

    def _filled(self, compiled: _Compiled) -> list[Any]:
        values = list(map(_text, map(_several, self.values)))
        return [
            each.convert(values[each.position]) if isinstance(each, Parameter) else each
            for each in compiled.params
        ]


@cache  # Without a bound: there are only as many combinations as the code has written.
def _compile(
    kind: Dialect, model: type[Model], steps: tuple[_Step, ...], columns: tuple[str, ...]
) -> _Compiled | None:
    """Compile the statement for these steps. None if it finds no rows, whatever the values are."""
    parameters = map(Parameter, range(sum(step.values for step in steps)))
    rows = _narrowed(model._default_manager.all(), steps, parameters)
    compiler = rows.values_list(*columns).query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    selected = [expression for expression, *_ in compiler.select]
    converters = [
        (position, chain_of(steps, expression))
        for position, (steps, expression) in compiler.get_converters(selected).items()
    ]
    return _Compiled(str(sql), params, converters)


def _narrowed(
    rows: QuerySet[Any], steps: Iterable[_Step], values: Iterable[object]
) -> QuerySet[Any]:
    left = iter(values)
    for narrow, number in steps:
        rows = narrow(rows, *islice(left, number))
    return rows


def _several(value: object) -> object:
    """A collection as the one parameter of an `among` condition."""
    if isinstance(value, Collection) and not isinstance(value, str):
        return dialect().many(value)
    return value


def _text(value: object) -> object:
    return column_text(value) if isinstance(value, datetime) else value


def _converted(
    rows: Iterable[tuple[Any, ...]], converters: list[tuple[int, Callable[[Any], Any]]]
) -> Iterable[tuple[Any, ...]]:
    if not converters:
        return rows
    return (_convert(row, converters) for row in rows)


def _convert(
    row: tuple[Any, ...], converters: list[tuple[int, Callable[[Any], Any]]]
) -> tuple[Any, ...]:
    values = list(row)
    for position, convert in converters:
        values[position] = convert(values[position])
    return tuple(values)
