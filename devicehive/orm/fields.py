"""Columns that mean the same on SQLite and PostgreSQL."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    CharField = models.CharField[str, str]
else:
    CharField = models.CharField


class CodePointCharField(CharField):
    """Text compared and sorted by code point, whatever the database's own language.

    SQLite does so anyway. On PostgreSQL the collation "C" makes order and case the same, and
    lets the column's one index serve sorting, equality and LIKE with a fixed prefix alike.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        # What "varchar" is short for, on both databases. For "varchar" Django makes a second
        # index on PostgreSQL, for LIKE, which under "C" the first one serves too.
        length = "" if self.max_length is None else f"({self.max_length})"
        return f"character varying{length}"

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters
