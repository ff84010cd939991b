"""Statements that the ORM writes once and that are then only given values.

To build and compile a queryset takes some 0.4 ms, and a value that is a parameter of its own is
handled by itself, by Django and by the driver. The statements of the save path are the ORM's
too, but kept as text, with one parameter for any number of values.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache, cached_property, lru_cache
from inspect import signature
from operator import itemgetter
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models import Expression, Field, ForeignKey, Lookup, Model, QuerySet
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery

from devicehive.orm.dialects import Dialect, Rows, Statement, dialect
from devicehive.orm.fields import CodePointCharField
from devicehive.orm.records import make_record, stored_fields

M = TypeVar("M", bound=Model)


@models.IntegerField.register_lookup
@ForeignKey.register_lookup
@models.CharField.register_lookup
class Among(Lookup):
    """`column__among=values`: IN, with one parameter that holds all the values (see `many`)."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        column_type = self.lhs.output_field.db_type(connection).partition("(")[0]
        # A number that is too long for the column is not found, and fails nothing.
        value_type = "bigint" if column_type == "integer" else column_type
        return f"{column} = ANY (%s::{value_type}[])", [*params, self.rhs]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, self.rhs]  # noqa: S608  # a column of the ORM


class Parameter(Expression):
    """Stands in a queryset for a value that is not known while it is compiled, or for the values
    of an `among` condition."""

    def __init__(self, position: int, convert: Callable[[Any], Any] = lambda value: value) -> None:
        super().__init__()
        self.position = position
        self.convert = convert
        """What a lookup makes of the value before the database gets it."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]

    @classmethod
    def converted(cls, convert: Callable[[Any], Any], value: object) -> object:
        """The value converted, now or when it is known."""
        return cls(value.position, convert) if isinstance(value, cls) else convert(value)


class Select:
    """A SELECT of a function's parameters, each the values of `among` conditions. It is compiled
    at its first use."""

    def __init__(self, rows: Callable[..., QuerySet[Any, Any]]) -> None:
        self._rows = rows
        self._compiled = cache(self._compile)

    def among(self, *values: Collection[object]) -> Statement | None:
        """With values for each parameter. None if the first has none: then there are no rows,
        and nothing need be asked."""
        if not values[0]:
            return None
        kind = dialect()
        sql, params = self._compiled(kind)
        return Statement(
            sql,
            [
                kind.many(values[param.position]) if isinstance(param, Parameter) else param
                for param in params
            ],
        )

    def _compile(self, kind: Dialect) -> tuple[str, list[object]]:
        """The text, and which parameter or constant stands where in it: Django sorts conditions
        itself."""
        parameters = map(Parameter, range(len(signature(self._rows).parameters)))
        compiler = self._rows(*parameters).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        return str(sql), list(params)


class InsertRows(Generic[M]):
    """An INSERT of any number of records of a model, with all the columns that it has."""

    def __init__(
        self,
        model: type[M],
        *,
        replacing: Sequence[str] = (),
        keeping: Collection[str] = (),
        leaving: bool = False,
    ) -> None:
        """With `replacing`, the columns of a unique constraint, rows that exist are
        overwritten, but for the columns that it is `keeping`; by `leaving` them they stay as they
        are; with neither, they raise IntegrityError."""
        self._model = model
        self._otherwise = OnConflict.IGNORE if leaving else None
        self._replacing = replacing
        self._keeping = {*replacing, *keeping}
        self._sql = cache(self._compile)

    def of(self, records: Sequence[M]) -> Statement | None:
        if not records:
            return None
        columns: list[Sequence[Any]] = [*zip(*map(self._values, map(vars, records)), strict=True)]
        for position, prepare in self._preparations:
            columns[position] = list(map(prepare, columns[position]))
        kind = dialect()
        sql = self._sql(kind, kind.rows_compiled(len(records)))
        return Statement(sql, kind.insert_values(columns))

    @cached_property
    def _fields(self) -> list["Field[Any, Any]"]:
        """The database makes up the key of a message itself."""
        return [
            field
            for field in stored_fields(self._model)
            if field is not self._model._meta.auto_field
        ]

    @cached_property
    def _values(self) -> "itemgetter[tuple[Any, ...]]":
        return itemgetter(*[field.attname for field in self._fields])

    @cached_property
    def _preparations(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """By position, where values need one."""
        found = [(position, _preparation(field)) for position, field in enumerate(self._fields)]
        return [(position, prepare) for position, prepare in found if prepare]

    def _compile(self, kind: Dialect, rows: int) -> str:
        unique = [field for field in self._fields if field.attname in self._replacing]
        query = InsertQuery(
            self._model,
            on_conflict=OnConflict.UPDATE if self._replacing else self._otherwise,
            update_fields=[field for field in self._fields if field.attname not in self._keeping],
            unique_fields=unique,
        )
        # Only the text is kept, so any record stands for a row.
        query.insert_values(self._fields, [make_record(self._model, {})] * rows, raw=True)
        ((sql, _),) = query.get_compiler(connection=connection).as_sql()
        return str(sql)


AS_THEY_ARE = frozenset(
    {
        CodePointCharField,
        models.BigIntegerField,
        models.BooleanField,
        models.CharField,
        models.FloatField,
        models.IntegerField,
        models.PositiveIntegerField,
        models.SmallIntegerField,
        models.TextField,
    }
)
"""Columns whose values both databases take without preparation. Any other field prepares its own,
which costs more."""


def _preparation(field: "Field[Any, Any]") -> Callable[[Any], Any] | None:
    """What makes of a value what both databases take for it as text; None if it is that."""
    if isinstance(field, ForeignKey):
        return _preparation(field.target_field)
    if type(field) in AS_THEY_ARE or isinstance(field, models.AutoField):
        return None
    if type(field) is models.DateTimeField:
        return column_text
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else json.dumps(value, cls=field.encoder)
    return lambda value: field.get_db_prep_save(value, connection)


@lru_cache(maxsize=256)  # Most moments of a batch are of the same few milliseconds.
def column_text(moment: datetime | None) -> str | None:
    """A moment as both databases take it as text: exactly as Django writes it on SQLite, which
    compares moments as text."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def execute(*statements: Statement | None) -> list[Rows]:
    """Execute statements in order; the rows of each, as the driver returns them."""
    asked = [statement for statement in statements if statement is not None]
    answers = iter(dialect().execute(asked))
    return [[] if statement is None else next(answers) for statement in statements]


def execute_last(*statements: Statement | None) -> None:
    """Execute what the outermost transaction ends with; nothing may follow but its commit."""
    dialect().execute_last([statement for statement in statements if statement is not None])


def many(values: Iterable[object]) -> str:
    """Many values as one parameter of an `among` condition."""
    return dialect().many(values)
