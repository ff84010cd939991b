"""Columns that mean the same on SQLite and PostgreSQL."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class CodePointCharField(models.CharField):  # type: ignore[type-arg]  # no generic at run time
    """Text compared and sorted by code point, whatever the database's own language.

    SQLite does so anyway. On PostgreSQL the collation "C" makes order and case the same, and
    lets the column's one index serve sorting, equality and LIKE with a fixed prefix alike.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters
