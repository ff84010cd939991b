"""Columns that mean the same on SQLite and PostgreSQL."""

import pytest
from django.db import connection


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own table of indexes")
@pytest.mark.parametrize(
    ("table", "column"),
    [("devices_device", "id"), ("devices_network", "name"), ("devices_user", "login")],
)
def test_one_index_serves_order_equality_and_patterns(table: str, column: str) -> None:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table).values()
    indexes = [each for each in constraints if each["index"] or each["unique"]]
    assert len([each for each in indexes if each["columns"] == [column]]) == 1
