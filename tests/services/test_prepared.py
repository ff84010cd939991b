"""Statements that PostgreSQL plans once, and what makes it plan them anew."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count

import pytest
from django.db import connection, transaction

from devicehive.orm.compiled import Select, execute
from devicehive.orm.prepared import prepared
from devicehive.orm.transactions import commit_together
from devicehive.protocol.refusals import Refused
from devices.models import LONGEST_NAME, Device, User
from devices.schemas.device import DeviceBody
from devices.services import devices
from devices.services.device_save import DeviceSave
from devices.services.standing import unlimited
from tests.meanwhile import seen_by_all_threads

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite plans in microseconds"
)

BY_ID = Select(lambda ids: Device.objects.filter(id__among=ids).values_list("id", "name"))


def run(sql: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [] if cursor.description is None else cursor.fetchall()


def save(user: User, name: str) -> None:
    body = DeviceBody(name=name, network_id=1, device_type_id=1)
    devices.save(DeviceSave(principal=unlimited(user), device_id="d-1", device=body))


@pytest.fixture
def allow_names() -> Iterator[Callable[[int], object]]:
    """A migration beside a server: of how many characters names may be."""

    def allow(characters: int) -> None:
        kind = f'varchar({characters}) COLLATE "C"'
        run(f"ALTER TABLE devices_device ALTER COLUMN name TYPE {kind}")

    yield allow
    allow(LONGEST_NAME)


@seen_by_all_threads
def test_a_column_of_another_type_is_saved_and_read(
    allow_names: Callable[[int], object], alice: User
) -> None:
    save(alice, "Lamp")
    assert devices.get(unlimited(alice), "d-1").name == "Lamp"
    allow_names(200)
    assert devices.get(unlimited(alice), "d-1").name == "Lamp"
    allow_names(201)
    save(alice, "Lantern")
    assert devices.get(unlimited(alice), "d-1").name == "Lantern"


@seen_by_all_threads
def test_a_request_that_meets_one_migration_after_the_other_is_to_be_tried_again(
    allow_names: Callable[[int], object], alice: User
) -> None:
    save(alice, "Lamp")
    lengths = count(200)

    def write(requests: Sequence[str]) -> list[str | Refused]:
        execute(BY_ID.among(requests))
        allow_names(next(lengths))
        execute(BY_ID.among(requests))
        return list(requests)

    (refused,) = commit_together(write, ["d-1"])
    assert isinstance(refused, Refused)
    assert (refused.code, refused.text) == (503, "Service is temporarily unavailable")


@seen_by_all_threads
def test_a_plan_holds_for_a_table_that_grows() -> None:
    """It is made once, for any values, and reads by key what is still small."""
    statement = BY_ID.among(["d-1"])
    assert statement is not None
    with transaction.atomic():
        execute(statement)
        (name,) = prepared().names_of([statement.sql])
        plan = str(run(f"EXPLAIN EXECUTE {name}('{{d-1}}')"))
    assert "$1" in plan, plan
    assert "Seq Scan" not in plan, plan
