"""What a queryset would find, with nothing built or compiled that was so for the like of it before.

To build and compile the queryset of the devices that a client sees takes 0.6 ms, more than to read
a page of them. Here a condition is kept apart from its values, so that the text is that of all who
ask with the same conditions in the same order.
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
"""Makes a queryset of another and of values. The same function for the like: it is part of what the
text is kept by."""
AT_ONCE = 100
"""Rows read from the database before the first of them is taken. More than a list has unless told;
100 of the longest are 100 MB, for a moment, in each thread that reads."""


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
    """How many it takes."""


class _Compiled(NamedTuple):
    sql: str
    params: Sequence[Any]
    """Of which those that are a Parameter stand for a value."""
    converters: list[tuple[int, Callable[[Any], Any]]]
    """By position in a row: what Django makes of what the driver returns."""


@dataclass(frozen=True, slots=True)
class Filtered(Generic[M]):
    """Rows of a model, asked for as of a queryset; they are read when it is iterated or counted."""

    model: type[M]
    steps: tuple[_Step, ...] = ()
    values: tuple[object, ...] = ()
    start: int = 0
    stop: int | None = None

    def filter(self, **conditions: object) -> Self:
        """What meets all the conditions, too. A collection is the values of an `among` condition;
        None is no value."""
        return self.where(_Conditions(tuple(conditions)), *conditions.values())

    def where(self, narrow: Narrow, *values: object) -> Self:
        """What `narrow` makes of a queryset and the values."""
        steps = (*self.steps, _Step(narrow, len(values)))
        return replace(self, steps=steps, values=(*self.values, *values))

    def none(self) -> Self:
        return self.where(QuerySet.none)

    def order_by(self, *columns: Any) -> Self:
        return self.where(_Order(columns))

    def __getitem__(self, rows: slice) -> Self:
        return replace(self, start=rows.start or 0, stop=rows.stop)

    def on(self, rows: QuerySet[M]) -> QuerySet[M]:
        """A queryset of those that are among `rows`."""
        return _narrowed(rows, self.steps, map(_several, self.values))

    @property
    def queryset(self) -> QuerySet[M]:
        return self.on(self.model._default_manager.all())

    def count(self) -> int:
        """How many there are, whatever the slice."""
        compiled = self.order_by()._compiled("pk")
        if compiled is None:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM ({compiled.sql}) found", self._filled(compiled))  # noqa: S608  # the ORM's
            (number,) = cursor.fetchone()
        return int(number)

    def rows(self, *columns: str) -> Generator[tuple[Any, ...], None, None]:
        """These columns of each; of more than a hundred not all are in memory at once. Who stops
        before the end must close it: what is left is then cancelled."""
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


@cache  # There are as many as there are ways to ask, which the code has written.
def _compile(
    kind: Dialect, model: type[Model], steps: tuple[_Step, ...], columns: tuple[str, ...]
) -> _Compiled | None:
    """The statement for such steps; None when they find no rows, whatever the values."""
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
