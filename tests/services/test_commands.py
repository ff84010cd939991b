"""Commands, beyond what one frame can show: many at once, and rivals in other processes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from devicehive.orm.records import indexed_columns
from devicehive.protocol.refusals import Refused
from devices.models import Command, Device, User
from devices.schemas.command import CommandBody, CommandUpdateBody
from devices.services import commands
from devices.services.commands import CommandInsert, CommandUpdate
from devices.services.standing import unlimited
from tests.meanwhile import Meanwhile, seen_by_all_threads
from tests.plans import texts

LAMP = "bobs-lamp"


def insert(user: User, command: str | None = "dim", device_id: str = LAMP) -> CommandInsert:
    return CommandInsert(
        principal=unlimited(user), device_id=device_id, body=CommandBody(command=command)
    )


def update(
    user: User, number: int, status: str | None = None, *, has_body: bool = True
) -> CommandUpdate:
    return CommandUpdate(
        principal=unlimited(user),
        device_id=LAMP,
        number=number,
        body=CommandUpdateBody(status=status) if has_body else None,
    )


@pytest.fixture
def number(bob: User, device: Device) -> int:
    """A command for bob's lamp."""
    (inserted,) = commands.insert_many([insert(bob)])
    assert not isinstance(inserted, Refused)
    return inserted.number


def refusals(results: list[object]) -> list[int | None]:
    return [result.code if isinstance(result, Refused) else None for result in results]


def test_one_refused_insert_leaves_the_others(bob: User, charlie: User, device: Device) -> None:
    requests = [
        insert(bob, "a"),
        insert(charlie),
        insert(bob, None),
        insert(bob, "b", "x"),
        insert(bob, "c"),
    ]
    assert refusals([*commands.insert_many(requests)]) == [None, 404, 400, 404, None]
    stored = Command.objects.order_by("id").values_list("command", flat=True)
    assert list(stored) == ["a", "c"]


def test_inserts_are_few_statements_however_many(
    bob: User, device: Device, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    commands.insert_many([insert(bob)])  # Connects, and compiles the statements.
    with CaptureQueriesContext(connection) as one:
        commands.insert_many([insert(bob)])
    with django_assert_num_queries(len(one)):
        commands.insert_many([insert(bob)] * 100)


def test_one_refused_update_leaves_the_others(bob: User, charlie: User, number: int) -> None:
    requests = [
        update(bob, number, "a"),
        update(charlie, number, "b"),
        update(bob, -1, "c"),
        update(bob, 2**63 - 1, "d"),
        update(bob, number, has_body=False),
    ]
    assert refusals([*commands.update_many(requests)]) == [None, 404, 404, 404, 400]
    assert Command.objects.get().status == "a"


def test_updates_of_one_command_are_as_one_after_the_other(bob: User, number: int) -> None:
    requests = [update(bob, number, "a"), update(bob, number), update(bob, number, "b")]
    assert refusals([*commands.update_many(requests)]) == [None] * 3
    command = Command.objects.get()
    assert (command.status, command.updates) == ("b", 3)


def test_of_long_commands_no_more_are_updated_at_once_than_fit_into_memory(
    bob: User, device: Device
) -> None:
    noise = f'{{"noise":"{"x" * 1_000_000}"}}'
    inserted = [
        each for each in commands.insert_many([insert(bob)] * 18) if isinstance(each, Command)
    ]
    Command.objects.update(parameters=noise)
    requests = [update(bob, each.number, "done") for each in inserted]
    assert refusals([*commands.update_many(requests)]) == [None] * 16
    assert refusals([*commands.update_many(requests[16:])]) == [None] * 2
    assert Command.objects.filter(status="done", updates=1, parameters=noise).count() == 18


def test_of_two_devices_with_the_same_number_each_has_its_own(
    bob: User, device: Device, number: int
) -> None:
    other = Command.objects.get()
    other.pk, other.device_id = None, "other"
    other.save(force_insert=True)
    commands.update_many([update(bob, number, "done")])
    stored = Command.objects.order_by("device_id").values_list("status", flat=True)
    assert list(stored) == ["done", None]


@seen_by_all_threads
def test_an_update_waits_for_another(bob: User, number: int) -> None:
    with transaction.atomic():
        commands.update_many([update(bob, number, "first")])
        meanwhile = Meanwhile(lambda: commands.update_many([update(bob, number)]))
    meanwhile.result.result(10)
    command = Command.objects.get()
    assert (command.status, command.updates) == ("first", 2)


def at_once(count: int, function: Callable[[int], object]) -> list[object]:
    """Call a function from many threads at the same moment, as processes would."""
    barrier = Barrier(count)

    def call(number: int) -> object:
        try:
            barrier.wait(10)
            return function(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(call, range(count)))


@seen_by_all_threads
def test_updates_of_the_same_commands_in_any_order_do_not_block_each_other(
    bob: User, device: Device
) -> None:
    inserted = commands.insert_many([insert(bob)] * 20)
    numbers = [each.number for each in inserted if not isinstance(each, Refused)]

    def update_all(order: int) -> list[int | None]:
        ordered = numbers[::-1] if order % 2 else numbers
        return refusals([*commands.update_many([update(bob, number) for number in ordered])])

    assert at_once(4, update_all) == [[None] * 20] * 4
    assert set(Command.objects.values_list("updates", flat=True)) == {4}


def test_an_update_names_no_indexed_column_that_stays_as_it_is(bob: User, number: int) -> None:
    """SQLite would write the index anew (ADR 37)."""
    with CaptureQueriesContext(connection) as asked:
        assert commands.update_many([update(bob, number, "done")]) == [None]
    (replaced,) = [text for text in texts(asked) if "DO UPDATE" in text.upper()]
    named = {name for name in indexed_columns(Command) if f'"{name}" = EXCLUDED' in replaced}
    assert named == {"stored_at"}
