"""manage.py prune, and the pruning that a server does by itself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import CommandError
from django.db import connection, transaction
from django.utils import timezone

from devices.models import Command, Device, Notification, Presence
from devices.services import pruning
from tests.commands import run
from tests.conftest import Connection
from tests.meanwhile import seen_by_all_threads
from tests.server import StartServer, run_manage

DAY = 86_400
OLD = """
from datetime import timedelta
from django.utils import timezone
from devices.models import Device, Notification
Device.objects.create(id="lamp", name="Lamp", network_id=1, device_type_id=1)
old = timezone.now() - timedelta(days=2)
for number in (1, 2):
    Notification.objects.create(
        number=number,
        device_id="lamp",
        network_id=1,
        timestamp=old,
        stored_at=old,
        notification="old",
    )
"""


def notification(number: int, *, age: int, network_id: int | None = 1) -> Notification:
    """One that is not stored yet and was `age` seconds ago."""
    moment = timezone.now() - timedelta(seconds=age)
    return Notification(
        number=number,
        device_id="lamp",
        network_id=network_id,
        timestamp=moment,
        stored_at=moment,
        notification="n",
    )


def left() -> list[int]:
    return list(Notification.objects.order_by("number").values_list("number", flat=True))


@pytest.mark.django_db
def test_what_is_old_goes() -> None:
    for number, age in enumerate([0, DAY - 60, DAY + 1, 3 * DAY]):
        notification(number, age=age).save()
    assert run("prune") == "Deleted 2 commands and notifications.\n"
    assert left() == [0, 1]


@pytest.mark.django_db
def test_what_saves_told_goes_earlier() -> None:
    for number, age in enumerate([0, 590, 610, DAY + 1]):
        notification(number, age=age, network_id=None).save()
    notification(4, age=610).save()
    assert run("prune", "--dry-run") == "2 commands and notifications would be deleted.\n"
    assert run("prune") == "Deleted 2 commands and notifications.\n"
    assert left() == [0, 1, 4]


@pytest.mark.django_db
def test_an_age_that_is_given_holds_for_what_saves_told_if_it_is_less() -> None:
    notification(1, age=200, network_id=None).save()
    notification(2, age=700, network_id=None).save()
    assert run("prune", "--older-than", str(DAY)) == "Deleted 1 commands and notifications.\n"
    assert run("prune", "--older-than", "150") == "Deleted 1 commands and notifications.\n"
    assert left() == []


@pytest.mark.django_db
def test_another_age_can_be_given() -> None:
    notification(1, age=100).save()
    notification(2, age=200).save()
    assert run("prune", "--older-than", "150") == "Deleted 1 commands and notifications.\n"
    assert left() == [1]


@pytest.mark.django_db
def test_a_dry_run_counts() -> None:
    notification(1, age=2 * DAY).save()
    assert run("prune", "--dry-run") == "1 commands and notifications would be deleted.\n"
    assert left() == [1]


def test_an_update_makes_a_command_new_again(as_bob: Connection, device: Device) -> None:
    numbers = [
        as_bob.ask("command/insert", deviceId=device.id, command={"command": "on"})["command"]["id"]
        for _ in range(2)
    ]
    long_ago = timezone.now() - timedelta(days=2)
    Command.objects.update(timestamp=long_ago, last_updated=long_ago, stored_at=long_ago)
    as_bob.ask("command/update", deviceId=device.id, commandId=numbers[0], command={"status": "ok"})
    assert run("prune") == "Deleted 1 commands and notifications.\n"
    assert list(Command.objects.values_list("number", flat=True)) == numbers[:1]


@pytest.mark.django_db
def test_many_go_in_slices_the_oldest_first() -> None:
    many = [notification(number, age=3 * DAY - number) for number in range(pruning.SLICE_ROWS + 2)]
    Notification.objects.bulk_create(many)
    assert pruning.prune() == pruning.SLICE_ROWS
    assert left() == [pruning.SLICE_ROWS, pruning.SLICE_ROWS + 1]
    assert (pruning.prune(), pruning.prune()) == (2, 0)


@pytest.mark.postgresql
@seen_by_all_threads
def test_it_waits_for_nobody_who_holds_a_row() -> None:
    notification(1, age=2 * DAY).save()
    notification(2, age=2 * DAY).save()
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        Notification.objects.select_for_update().get(number=1)
        assert other.submit(prune_and_leave).result() == 1
    assert left() == [1]


def prune_and_leave() -> int:
    try:
        return pruning.prune()
    finally:
        connection.close()


def test_a_server_prunes_by_itself(start_server: StartServer) -> None:
    server = start_server(PRUNE_SECONDS="1")
    code = ("shell", "--no-imports", "--command", OLD)
    status, _, error = run_manage(*code, folder=server.folder, DATABASE_URL=server.database.url)
    assert status == 0, error
    alice = server.connect("alice")
    while alice.ask("notification/list", deviceId="lamp")["notifications"]:
        assert server.process.poll() is None


@pytest.mark.parametrize("seconds", ["-1", "soon"])
def test_nonsense_is_refused(seconds: str) -> None:
    with pytest.raises(CommandError, match="argument --older-than: "):
        run("prune", "--older-than", seconds)


@pytest.mark.django_db
def test_presence_goes_with_its_device(device: Device) -> None:
    for id_, generation in (("gone", 1), (device.id, device.generation)):
        Presence.objects.create(device_id=id_, generation=generation)
    assert pruning.prune() == 0
    assert Presence.objects.get().device == device
    Device.objects.update(generation=device.generation ^ 1)
    assert pruning.prune() == 0
    assert not Presence.objects.exists()


@pytest.mark.django_db
def test_presence_is_checked_a_part_at_a_time(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "PRESENCE_ROWS", 2)
    Presence.objects.create(device_id=device.id, generation=device.generation)
    for number in range(5):
        Presence.objects.create(device_id=f"gone-{number}", generation=1)

    def left() -> int:
        assert pruning.prune() == 0
        return Presence.objects.count()

    assert [left(), left(), left(), left()] == [5, 3, 1, 1]
    assert Presence.objects.get().device == device
