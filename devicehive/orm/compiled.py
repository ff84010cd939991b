"""Statements that the ORM compiles once and that are then executed with ever new values.

Building and compiling a queryset takes some 0.4 ms, and each value that is a parameter of its own
costs time in Django and in the driver. So the statements of the save path are compiled by the ORM,
too, but kept as text, and one parameter holds any number of values.
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
    """`column__among=values`: like IN, but one parameter holds all the values (see `many`)."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        column_type = self.lhs.output_field.db_type(connection).partition("(")[0]
        # With "bigint", a number that is too large for an integer column is not found; as an
        # integer it would make the statement fail.
        value_type = "bigint" if column_type == "integer" else column_type
        return f"{column} = ANY (%s::{value_type}[])", [*params, self.rhs]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, self.rhs]  # noqa: S608  # a column of the ORM


class Parameter(Expression):
    """A placeholder in a queryset for a value that is not known when it is compiled, or for the
    values of an `among` condition."""

    def __init__(self, position: int, convert: Callable[[Any], Any] = lambda value: value) -> None:
        super().__init__()
        self.position = position
        self.convert = convert
        """Converts the value for the database, as the lookup requires."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]

    @classmethod
    def converted(cls, convert: Callable[[Any], Any], value: object) -> object:
        """Convert a value now, or if it is a Parameter, when its value is known."""
        return cls(value.position, convert) if isinstance(value, cls) else convert(value)


class Select:
    """A SELECT that is compiled at its first use, from a function that makes its queryset. Each
    parameter of the function stands for the values of `among` conditions."""

    def __init__(self, rows: Callable[..., QuerySet[Any, Any]]) -> None:
        self._rows = rows
        self._compiled = cache(self._compile)

    def among(self, *values: Collection[object]) -> Statement | None:
        """The statement with values for each parameter. None if the first parameter has none: then
        it would find no rows, and need not be executed."""
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
        """The SQL, and the parameter or constant for each of its placeholders. Django chooses their
        order."""
        parameters = map(Parameter, range(len(signature(self._rows).parameters)))
        compiler = self._rows(*parameters).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        return str(sql), list(params)


class InsertRows(Generic[M]):
    """An INSERT of any number of records of a model, with all their columns."""

    def __init__(
        self,
        model: type[M],
        *,
        replacing: Sequence[str] = (),
        keeping: Collection[str] = (),
        leaving: bool = False,
    ) -> None:
        """Set what happens to rows that exist. With `replacing`, the columns of a unique
        constraint, they are overwritten, except the columns in `keeping`; with `leaving` they stay
        as they are; otherwise IntegrityError is raised."""
        self._model = model
        self._otherwise = OnConflict.IGNORE if leaving else None
        self._replacing = replacing
        self._keeping = {*replacing, *keeping}
        self._sql = cache(self._compile)

    def of(self, records: Sequence[M]) -> Statement | None:
        """The statement that inserts these records; None if there are none."""
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
        """The fields to insert. Automatic keys, as of messages, are left to the database."""
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
        """The positions of the columns whose values need to be prepared, and the functions that do
        it."""
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
        # Only the text is kept, so the values do not matter.
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
"""The types of fields whose values both databases accept as they are. Any other field prepares its
values itself, which costs more."""


def _preparation(field: "Field[Any, Any]") -> Callable[[Any], Any] | None:
    """The function that converts values of a field to a text that both databases accept; None if
    they accept the values as they are."""
    if isinstance(field, ForeignKey):
        return _preparation(field.target_field)
    if type(field) in AS_THEY_ARE or isinstance(field, models.AutoField):
        return None
    if type(field) is models.DateTimeField:
        return column_text
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else json.dumps(value, cls=field.encoder)
    return lambda value: field.get_db_prep_save(value, connection)


@lru_cache(maxsize=256)  # Most timestamps of a batch fall into the same few milliseconds.
def column_text(moment: datetime | None) -> str | None:
    """A timestamp as a text that both databases accept. It is exactly what Django writes on SQLite,
    which compares timestamps as texts."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def execute(*statements: Statement | None) -> list[Rows]:
    """Execute statements in order, leaving out None. Returns the rows of each as the driver returns
    them, and none for None."""
    asked = [statement for statement in statements if statement is not None]
    answers = iter(dialect().execute(asked))
    return [[] if statement is None else next(answers) for statement in statements]


def execute_last(*statements: Statement | None) -> None:
    """Execute the last statements of the outermost transaction. Only its commit may follow."""
    dialect().execute_last([statement for statement in statements if statement is not None])


def many(values: Iterable[object]) -> str:
    """Many values as one parameter of an `among` condition."""
    return dialect().many(values)
