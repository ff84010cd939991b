"""Records by the names of their model's columns, whatever columns there are."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, models
from django.db.models.functions import Now
from django.test.utils import isolate_apps

from devicehive.orm.compiled import InsertRows, Select, execute
from devicehive.orm.fields import CodePointCharField
from devicehive.orm.records import change_record, column_names, make_record, read_records
from devices.checks import made_up_values
from tests.meanwhile import seen_by_all_threads

MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def lamps() -> Iterator[type[models.Model]]:
    """A model such as the registry's would be with all sorts of new columns. SQLite makes tables
    outside of transactions only, so a test with it is `seen_by_all_threads`."""
    with isolate_apps("devices"):

        class Lamp(models.Model):
            id = CodePointCharField(primary_key=True, max_length=48)
            label = models.CharField(max_length=16, default="none")
            floor = models.IntegerField(db_default=3)
            is_lit = models.BooleanField(default=True)
            bought = models.DateTimeField(default=lambda: MOMENT)
            price = models.DecimalField(max_digits=6, decimal_places=2, null=True)
            colours = models.JSONField(default=list)

            class Meta:
                app_label = "devices"

            def __str__(self) -> str:
                return self.id

        with connection.schema_editor() as editor:
            editor.create_model(Lamp)
        yield Lamp
        with connection.schema_editor() as editor:
            editor.delete_model(Lamp)


@seen_by_all_threads
def test_new_columns_are_written_and_read_with_their_defaults(lamps: Any) -> None:
    given = {"price": Decimal("1.50"), "colours": ['r"d', "{}"], "is_lit": False, "floor": 1}
    plain, fancy = make_record(lamps, {"id": "a"}), make_record(lamps, given | {"id": "b"})
    execute(InsertRows(lamps).of([plain, fancy]))
    defaults = {"label": "none", "floor": 3, "is_lit": True, "price": None, "colours": []}
    assert list(lamps.objects.order_by("id").values()) == [
        {"id": "a", "bought": MOMENT} | defaults,
        {"id": "b", "bought": MOMENT} | defaults | given,
    ]
    everything = Select(
        lambda ids: lamps.objects.filter(id__among=ids).order_by("id").values_list()
    )
    (rows,) = execute(everything.among(["a", "b"]))
    names = column_names(lamps)
    read = [{name: getattr(each, name) for name in names} for each in read_records(lamps, rows)]
    assert read == list(lamps.objects.order_by("id").values())


@seen_by_all_threads
def test_a_record_replaces_all_its_columns_but_the_key(lamps: Any) -> None:
    lamp = make_record(lamps, {"id": "a"})
    execute(InsertRows(lamps).of([lamp]))
    changed = change_record(lamp, {"label": "new", "floor": 4})
    execute(InsertRows(lamps, replacing=["id"]).of([changed]))
    stored = lamps.objects.get()
    assert (stored.label, stored.floor, stored.is_lit) == ("new", 4, True)


@seen_by_all_threads
def test_a_record_that_has_these_values_already_is_not_copied(lamps: Any) -> None:
    lamp = make_record(lamps, {"id": "a"})
    assert change_record(lamp, {"label": "none", "floor": 3}) is lamp
    assert change_record(lamp, {"label": "other"}) is not lamp
    assert lamp.label == "none"


@isolate_apps("devices")
def test_a_value_that_is_made_up_while_it_is_stored_is_refused_at_the_start() -> None:
    class Lamp(models.Model):
        first_lit = models.DateTimeField(auto_now_add=True)
        last_lit = models.DateTimeField(db_default=Now())
        floor = models.IntegerField(db_default=3)
        bought = models.DateTimeField(default=lambda: MOMENT, db_default=Now())

        class Meta:
            app_label = "devices"

        def __str__(self) -> str:
            return "a lamp"

    errors = [*made_up_values([Lamp])]
    assert [(error.id, error.obj.name) for error in errors] == [
        ("devices.E001", "first_lit"),
        ("devices.E001", "last_lit"),
    ]
