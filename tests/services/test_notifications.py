"""Notifications, beyond what one frame can show: many at once, and what is told."""

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from devicehive.protocol.refusals import Refused
from devices.models import Device, Notification, User
from devices.schemas.device import DeviceBody
from devices.schemas.notification import NotificationBody
from devices.services import devices, notifications
from devices.services.device_save import DeviceSave
from devices.services.messages import new_message_id
from devices.services.notifications import NotificationInsert
from devices.services.standing import unlimited


def insert(user: User, name: str = "on", device_id: str = "bobs-lamp") -> NotificationInsert:
    return NotificationInsert(
        principal=unlimited(user),
        device_id=device_id,
        body=NotificationBody(notification=name),
    )


def names() -> list[str]:
    return list(Notification.objects.order_by("id").values_list("notification", flat=True))


def test_one_refused_insert_leaves_the_others(bob: User, charlie: User, device: Device) -> None:
    requests = [
        insert(bob, "a"),
        insert(charlie, "b"),
        insert(bob, "$device-add"),
        insert(bob, "c", "nothing"),
        insert(bob, "d"),
    ]
    results = notifications.insert_many(requests)
    refused = [each.code if isinstance(each, Refused) else None for each in results]
    assert refused == [None, 404, 403, 404, None]
    assert names() == ["a", "d"]


def test_they_are_stored_in_their_order(bob: User, device: Device) -> None:
    notifications.insert_many([insert(bob, str(number)) for number in range(50)])
    assert names() == [*map(str, range(50))]


def test_inserts_are_few_statements_however_many(
    bob: User, device: Device, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    notifications.insert_many([insert(bob)])  # Connects, and compiles the statements.
    with CaptureQueriesContext(connection) as one:
        notifications.insert_many([insert(bob)])
    with django_assert_num_queries(len(one)):
        notifications.insert_many([insert(bob)] * 100)


def test_all_saves_of_a_batch_that_change_something_are_stored(alice: User) -> None:
    def save(name: str | None) -> DeviceSave:
        return DeviceSave(principal=unlimited(alice), device_id="new", device=DeviceBody(name=name))

    devices.save_many([save(None), save("A"), save("A"), save("B"), save("A"), save(None)])
    assert names() == ["$device-add", "$device-update", "$device-update"]


def test_a_save_that_is_rolled_back_is_neither_stored_nor_told(
    alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    request = DeviceSave(principal=unlimited(alice), device_id="new", device=DeviceBody(name="New"))
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        devices.save_many([request])
        transaction.set_rollback(True)
    assert (names(), callbacks) == ([], [])


def test_numbers_fit_31_bits() -> None:
    numbers = {new_message_id() for _ in range(200)}
    assert len(numbers) == 200
    assert all(0 <= number < 2**31 for number in numbers)
