"""`name__like`: the SQL LIKE patterns of `namePattern` and `loginPattern` (protocol, 7.5)."""

import re
from typing import Any

from django.db.models import Lookup

from devicehive.orm.compiled import Parameter
from devicehive.orm.fields import CodePointCharField

LONGEST_GLOB = 50_000
"""Bytes; what SQLite refuses as too complex is longer."""


@CodePointCharField.register_lookup
class Like(Lookup):
    r"""`%` is any run of characters, `_` exactly one, `\` escapes; case counts.

    PostgreSQL's LIKE is that. SQLite's ignores the case of ASCII letters and uses no index; its
    GLOB does neither.
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

    For constraints. A regular expression would make SQLite call back into Python, and wait for
    its lock, for every row of every batch.
    """

    lookup_name = "consists_of"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} ~ %s", [*params, f"^[{self.rhs}]*$"]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} NOT GLOB %s", [*params, f"*[^{self.rhs}]*"]


def complete(pattern: str) -> str:
    r"""A pattern that ends in a lone backslash, which PostgreSQL refuses, as one ending in `\\`."""
    trailing = len(pattern) - len(pattern.rstrip("\\"))
    return pattern + "\\" if trailing % 2 else pattern


def glob(pattern: str) -> str | None:
    """The GLOB pattern that matches what the LIKE pattern matches. None, which matches nothing, for
    one that asks for more characters than any column holds."""

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
