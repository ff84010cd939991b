"""Many requests in one transaction, each with its own result."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from devicehive.log.lines import members_of
from devicehive.orm.transactions import Done, commit_together
from devicehive.protocol.refusals import ProtocolRefusal, Refused
from devices.models import Notification
from devices.refusals import CommandRefusal
from devices.services.notifications import INSERT_NOTIFICATIONS
from tests.meanwhile import seen_by_all_threads

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def notification(number: int) -> Notification:
    return Notification(
        device_id="lamp", network_id=1, number=number, timestamp=MOMENT, stored_at=MOMENT
    )


def stored() -> list[int]:
    return list(Notification.objects.order_by("id").values_list("number", flat=True))


def told(result: object) -> tuple[int, str] | object:
    return (result.code, result.text) if isinstance(result, Refused) else result


def insert(requests: Sequence[int]) -> Done[int]:
    """Inserts a notification with each of these numbers."""
    for request in requests:
        notification(request).save(force_insert=True)
    return list(requests), []


def inserting(*numbers: int) -> Callable[[Sequence[int]], Done[int]]:
    """Inserts a notification for each request, with the next of these numbers."""
    chosen = iter(numbers)

    def write(requests: Sequence[int]) -> Done[int]:
        insert([next(chosen) for _ in requests])
        return list(requests), []

    return write


def insert_last(requests: Sequence[int]) -> Done[int]:
    """Has a notification with each of these numbers inserted with the commit."""
    return list(requests), [INSERT_NOTIFICATIONS.of([notification(each) for each in requests])]


def test_all_are_committed(db: None) -> None:
    assert commit_together(insert, [1, 2, 3]) == [1, 2, 3]
    assert stored() == [1, 2, 3]


def test_a_number_that_is_taken_is_chosen_anew(db: None) -> None:
    notification(7).save()
    assert commit_together(inserting(7, 8), [1]) == [1]
    assert stored() == [7, 8]


def test_a_number_that_is_taken_is_chosen_anew_for_a_batch(db: None) -> None:
    notification(7).save()
    assert commit_together(inserting(1, 7, 2, 3), [1, 2]) == [1, 2]
    assert stored() == [7, 2, 3]


def test_what_cannot_be_done_alone_fails_alone(db: None) -> None:
    notification(2).save()
    results = commit_together(insert, [1, 2, 3])
    conflict = ProtocolRefusal.CONFLICT()
    assert list(map(told, results)) == [1, told(conflict), 3]
    assert stored() == [2, 1, 3]


@seen_by_all_threads
def test_what_cannot_be_committed_alone_fails_alone() -> None:
    notification(2).save()
    results = commit_together(insert_last, [1, 2, 3])
    assert list(map(told, results)) == [1, told(ProtocolRefusal.CONFLICT()), 3]
    connection.close()  # With what is not committed.
    assert stored() == [2, 1, 3]


def test_inside_another_transaction_nothing_is_committed(db: None) -> None:
    with transaction.atomic():
        assert commit_together(insert_last, [1, 2]) == [1, 2]
        assert stored() == [1, 2]
        transaction.set_rollback(True)
    assert stored() == []


def test_a_conflict_leaves_one_line_with_its_cause(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    notification(2).save()
    commit_together(insert, [1, 2, 3])
    (line,) = caplog.messages
    assert line.startswith("a request was refused with 409: ")
    assert "\n" not in line
    # SQLite names the columns, PostgreSQL the constraint.
    assert "devices_notification.number" in line or "notification_number_of_device" in line


def test_what_the_database_cannot_do_alone_fails_alone(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    def write(requests: Sequence[int]) -> Done[int]:
        if 2 in requests:
            with connection.cursor() as cursor:
                cursor.execute("SELECT nonsense")
        return list(requests), []

    results = commit_together(write, [1, 2, 3])
    (record,) = caplog.records
    failed = ProtocolRefusal.INTERNAL(members_of(record)["error"])
    assert list(map(told, results)) == [1, told(failed), 3]


def test_a_refusal_is_a_result_like_others(db: None) -> None:
    refused = CommandRefusal.REQUIRED()

    def write(requests: Sequence[int]) -> Done[int]:
        return [refused if request == 2 else request for request in requests], []

    assert commit_together(write, [1, 2, 3]) == [1, refused, 3]


def test_another_exception_undoes_all(db: None) -> None:
    def write(requests: Sequence[int]) -> Done[int]:
        notification(1).save()
        raise ValueError("a mistake")

    with pytest.raises(ValueError, match="a mistake"):
        commit_together(write, [1])
    assert stored() == []
