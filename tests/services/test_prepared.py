"""Statements that PostgreSQL plans once, what makes it plan them anew, and their way there."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count

import pytest
from django.db import DataError, OperationalError, connection, transaction

from devicehive.orm.compiled import Select, execute, execute_last
from devicehive.orm.dialects import Statement, dialect
from devicehive.orm.prepared import prepared
from devicehive.orm.transactions import Done, commit_together
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

    def write(requests: Sequence[str]) -> Done[str]:
        execute(BY_ID.among(requests))
        allow_names(next(lengths))
        execute(BY_ID.among(requests))
        return list(requests), []

    (refused,) = commit_together(write, ["d-1"])
    assert isinstance(refused, Refused)
    assert (refused.code, refused.text) == (503, "Service is temporarily unavailable")


@seen_by_all_threads
def test_a_plan_holds_for_a_table_that_grows() -> None:
    """The plan is made once, for any values, and uses the key even if the table is still small."""
    statement = BY_ID.among(["d-1"])
    assert statement is not None
    with transaction.atomic():
        execute(statement)
        plan = str(run(f"EXPLAIN {prepared(connection.connection).executed(statement)}"))
    assert "$1" in plan, plan
    assert "Seq Scan" not in plan, plan


def text(value: object) -> Statement:
    return Statement("SELECT %s::text", [value])


def test_more_goes_and_comes_than_fits_between_both(db: None) -> None:
    """Neither side stops sending until the other reads, which would be for ever."""
    long = "x" * 10_000_000
    assert execute(*[text(long)] * 4) == [[(long,)]] * 4


def test_each_has_its_own_rows_after_a_stream(db: None) -> None:
    """Whose rows came by hundreds, as libpq then reads those of the next statement, too."""
    with connection.cursor() as cursor:
        streamed = dialect().stream(cursor, Statement("SELECT generate_series(1, 250)", []), 100)
        assert len(list(streamed)) == 250
    assert execute(text("a"), text("b"), text("c")) == [[("a",)], [("b",)], [("c",)]]


def test_a_nul_is_refused(db: None) -> None:
    """To libpq, a text ends there."""
    with pytest.raises(DataError, match="NUL"):
        execute(text("a\0b"))
    assert execute(text("b")) == [[("b",)]]


@seen_by_all_threads
def test_what_follows_a_failure_is_not_done() -> None:
    name = Statement("UPDATE devices_network SET name = %s", ["another"])
    with pytest.raises(DataError, match="division by zero"), transaction.atomic():
        execute_last(name, Statement("SELECT 1 / %s::int", [0]), name)
    assert execute(Statement("SELECT name FROM devices_network", [])) == [[("Sample Network",)]]


@seen_by_all_threads
def test_the_commit_goes_with_the_last() -> None:
    hooked = []
    with transaction.atomic():
        transaction.on_commit(lambda: hooked.append(True))
        execute_last(Statement("UPDATE devices_network SET name = %s", ["another"]))
        assert connection.connection.info.transaction_status.name == "IDLE"
        assert hooked == []
    assert hooked == [True]
    connection.close()
    assert run("SELECT name FROM devices_network") == [("another",)]


@seen_by_all_threads
def test_why_a_connection_has_ended_is_told() -> None:
    end = Statement("SELECT pg_terminate_backend(pg_backend_pid())", [])
    with pytest.raises(OperationalError, match="administrator command"):
        execute(end)
    connection.close()
