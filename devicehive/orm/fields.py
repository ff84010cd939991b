"""Model fields that behave the same on SQLite and PostgreSQL."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    CharField = models.CharField[str, str]
else:
    CharField = models.CharField


class CodePointCharField(CharField):
    """Text that is compared and sorted by code point, whatever the locale of the database.

    SQLite does so anyway. On PostgreSQL the collation "C" does it, and lets a single index serve
    sorting, equality and LIKE with a fixed prefix.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        # The same type as "varchar". For a "varchar" on PostgreSQL Django makes a second index for
        # LIKE, which is not needed with the collation "C".
        length = "" if self.max_length is None else f"({self.max_length})"
        return f"character varying{length}"

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters
