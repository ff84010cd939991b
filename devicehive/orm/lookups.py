"""Lookups for text columns: LIKE patterns, and constraints on the characters.

`name__like` is for the patterns of `namePattern` and `loginPattern` (protocol, 7.5).
"""

import re
from typing import Any

from django.db.models import Lookup

from devicehive.orm.compiled import Parameter
from devicehive.orm.fields import CodePointCharField

LONGEST_GLOB = 50_000
"""The longest GLOB pattern in bytes; what SQLite refuses as too complex is longer."""


@CodePointCharField.register_lookup
class Like(Lookup):
    r"""`%` is any run of characters, `_` exactly one, `\` escapes; case matters.

    This is PostgreSQL's LIKE. SQLite's LIKE ignores the case of ASCII letters and uses no index, so
    GLOB is used there, which respects case and uses an index.
    """

    lookup_name = "like"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, column_params = self.process_lhs(compiler, connection)
        value, value_params = self.process_rhs(compiler, connection)
        return f"{column} LIKE {value}", [
            *column_params,
            *(Parameter.converted(complete, each) for each in value_params),
        ]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, column_params = self.process_lhs(compiler, connection)
        value, value_params = self.process_rhs(compiler, connection)
        patterns = [Parameter.converted(glob, each) for each in value_params]
        return f"{column} GLOB {value}", [*column_params, *patterns]


@CodePointCharField.register_lookup
class Consists(Lookup):
    """`name__consists_of="a-z0-9"`: every character is in the class.

    This is for constraints. For a regular expression, SQLite would call Python and wait for its
    GIL for every row of every batch.
    """

    lookup_name = "consists_of"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} ~ %s", [*params, f"^[{self.rhs}]*$"]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} NOT GLOB %s", [*params, f"*[^{self.rhs}]*"]


def complete(pattern: str) -> str:
    r"""The pattern, in which a lone backslash at the end, which PostgreSQL refuses, is doubled."""
    trailing = len(pattern) - len(pattern.rstrip("\\"))
    return pattern + "\\" if trailing % 2 else pattern


def glob(pattern: str) -> str | None:
    """The GLOB pattern that matches the same as a LIKE pattern. None, which matches nothing, if the
    pattern needs more characters than any column holds."""

    def translate(match: re.Match[str]) -> str:
        part = match.group()
        if part == "_":
            return "?"
        if part[0] == "%":
            return "*"
        literal = part[-1]
        return f"[{literal}]" if literal in "*?[" else literal

    found = re.sub(r"\\.|%+|.", translate, pattern, flags=re.DOTALL)
    return found if len(found.encode()) <= LONGEST_GLOB else None
