"""Whether the database has the tables and columns of this version."""

from django.db import connection
from django.db.migrations.loader import MigrationLoader


def missing_migrations() -> list[str]:
    """The migrations that have not been applied, such as `devices.0001_registry`. Takes about a
    millisecond. Raises django.db.Error."""
    loader = MigrationLoader(connection)
    missing = loader.graph.nodes.keys() - loader.applied_migrations.keys()
    return sorted(map(".".join, missing))
