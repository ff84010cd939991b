"""How the database finds messages: by what is asked for, however many there are."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import getitem
from typing import Any

import pytest
from django.db import connection

from devicehive.events.event import COMMAND_LINE
from devicehive.events.subscriptions import Requested
from devicehive.orm.compiled import InsertRows, execute
from devicehive.protocol.permissions import Principal
from devices.models import Command, Device, DeviceType, Network, Notification, User
from devices.services import commands, events, notifications, pruning, subscriptions
from devices.services.message_lists import (
    COMMAND_LISTS,
    NOTIFICATION_LISTS,
    narrow,
    sort_descending_unless_told,
)
from devices.services.standing import unlimited
from tests.factories import client_within, make_user
from tests.kept import kept
from tests.plans import plans

__all__ = ["kept"]

pytestmark = pytest.mark.django_db

COMMANDS = InsertRows(Command)
NOTIFICATIONS = InsertRows(Notification)
SERVER = 5
START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(seconds=10_000)
LATE = END - timedelta(seconds=20)


@pytest.fixture(scope="module")
def device(kept: None) -> Device:
    return Device.objects.create(
        id="bobs-lamp",
        name="Lamp",
        network=Network.objects.create(name="bob's network"),
        device_type=DeviceType.objects.create(name="Sensors"),
    )


@pytest.fixture(scope="module")
def bob(device: Device) -> User:
    user = make_user("bob")
    user.networks.add(device.network_id)
    return user


@pytest.fixture(scope="module")
def many(bob: User, device: Device) -> Principal:
    """10,000 commands and notifications of 200 of 2,000 devices, one a second, two in three of them
    in bob's network, and one in ten notifications about a save; the administrator's principal."""
    places = [(device.network_id, device.device_type_id)] * 2 + [(1, 1)]
    seconds = range(10_000)

    def row(second: int) -> dict[str, Any]:
        moment = START + timedelta(seconds=second)
        network_id, device_type_id = places[second % 3]
        common = {"number": second, "timestamp": moment, "origin": SERVER, "parameters": "{}"}
        common |= {"stored_at": moment}
        common |= {"network_id": network_id, "device_type_id": device_type_id}
        common |= {"device_id": device.id, "generation": device.generation}
        return common if second % 200 == 0 else common | {"device_id": f"d{second % 200}"}

    def command(second: int) -> Command:
        columns = row(second)
        moment = columns["timestamp"]
        columns |= {"command": "dim", "inserted_at": moment, "last_updated": moment}
        return Command(**columns, user_id=bob.pk, inserted_by=SERVER)

    def notification(second: int) -> Notification:
        columns = row(second) | {"notification": f"n{second % 7}"}
        columns |= {} if second // 200 % 10 else {"network_id": None}
        return Notification(**columns)

    Device.objects.bulk_create(
        Device(
            id=f"d{number}",
            name="Lamp",
            network=device.network,
            device_type=device.device_type,
            generation=device.generation,
        )
        for number in range(1, 2_000)
    )
    for start in range(0, len(seconds), 500):
        part = seconds[start : start + 500]
        execute(
            COMMANDS.of([command(each) for each in part]),
            NOTIFICATIONS.of([notification(each) for each in part]),
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return unlimited(User.objects.create(login="root", role=User.Role.ADMIN))


def plans_of(ask: Callable[[], Iterable[object]]) -> str:
    """How the database does what `ask` asks of messages."""
    return plans(ask, "devices_command", "devices_notification")


def assert_found_by(index: str, ask: Callable[[], Iterable[object]]) -> None:
    """In its order: neither is all read, nor all that is found sorted for a page of it."""
    steps = plans_of(ask)
    assert index in steps, steps
    sorted_once = steps.replace("Incremental Sort", "").replace("B-TREE FOR RIGHT PART", "")
    assert "Sort  (" not in sorted_once, steps
    assert "TEMP B-TREE" not in sorted_once, steps
    assert "Seq Scan" not in steps, steps


def requested(**members: Any) -> Requested:
    none: dict[str, Any] = dict.fromkeys(("device_id", "network_ids", "device_type_ids", "names"))
    return Requested(**none | {"type": "notification", "timestamp": LATE} | members)


# --- Lists -------------------------------------------------------------------------------------


def test_a_page_of_commands_is_found_by_device(many: Principal, device: Device) -> None:
    stored = commands.of_device(many, device.id)
    for order in (None, "ASC", "DESC"):
        found = sort_descending_unless_told(stored, COMMAND_LISTS, field="timestamp", order=order)
        assert_found_by("command_by_device", partial(getitem, found, slice(10)))


def test_a_page_of_notifications_is_found_by_device(many: Principal, device: Device) -> None:
    stored = notifications.of_device(many, device.id)
    found = sort_descending_unless_told(stored, NOTIFICATION_LISTS, field=None, order=None)
    assert_found_by("notification_by_device", lambda: found[:10])


def test_a_time_of_notifications_is_found_by_device(many: Principal, device: Device) -> None:
    stored = notifications.of_device(many, device.id)
    found = narrow(stored, NOTIFICATION_LISTS, names=["n1"], start=LATE, end=END)
    ordered = sort_descending_unless_told(found, NOTIFICATION_LISTS, field=None, order=None)
    assert_found_by("notification_by_device", lambda: ordered[:100])


def test_one_message_is_found_by_its_number(many: Principal, device: Device) -> None:
    steps = plans_of(lambda: [notifications.get(many, device.id, 200 * 7)])
    assert "notification_number_of_device" in steps or "sqlite_autoindex" in steps, steps
    steps = plans_of(lambda: [commands.get(many, device.id, 0)])
    assert "command_number_of_device" in steps or "sqlite_autoindex" in steps, steps


# --- Replays -----------------------------------------------------------------------------------


def replay(principal: Principal, action: str, **members: Any) -> Callable[[], Iterable[object]]:
    audience = subscriptions.audience_of(principal, requested(**members))
    return lambda: subscriptions.replay(action, audience, requested(**members), 20)


def test_a_replay_of_everything_is_found_by_time(many: Principal) -> None:
    for names in None, ["n1", "dim"]:
        notified = replay(many, events.NOTIFICATION_INSERTED, names=names)
        assert_found_by("notification_by_time", notified)
        assert_found_by("command_by_time", replay(many, events.COMMAND_INSERTED, names=names))
        assert_found_by("command_by_time", replay(many, events.COMMAND_UPDATED, names=names))


def test_a_replay_of_a_network_is_found_by_time(many: Principal, device: Device) -> None:
    notified = replay(many, events.NOTIFICATION_INSERTED, network_ids=[device.network_id])
    assert_found_by("notification_by_time", notified)


def test_a_replay_of_a_clients_networks_is_found_by_time(
    many: Principal, bob: User, device: Device
) -> None:
    client = client_within(bob, device.network_id)
    assert_found_by("notification_by_time", replay(client, events.NOTIFICATION_INSERTED))


def test_a_replay_of_a_device_is_found_by_device(many: Principal, device: Device) -> None:
    notified = replay(many, events.NOTIFICATION_INSERTED, device_id=device.id, timestamp=START)
    assert_found_by("notification_by_device", notified)


# --- What was missed, and what is old ------------------------------------------------------------


def test_what_a_process_stored_lately_is_found_by_age(many: Principal) -> None:
    steps = plans_of(lambda: [*events.missed(SERVER, LATE)])
    assert "notification_by_age" in steps, steps
    assert "command_by_age" in steps, steps
    assert "Seq Scan" not in steps, steps


def test_what_command_lines_stored_lately(many: Principal) -> None:
    steps = plans_of(lambda: [*events.missed(COMMAND_LINE, LATE)])
    assert "notification_not_told" in steps, steps
    assert "Seq Scan" not in steps, steps


def test_what_is_old_is_found_by_age(many: Principal) -> None:
    of_saves, others, sent = pruning.expired(120)
    assert_found_by("notification_of_save_by_age", lambda: of_saves[:1_000])
    assert_found_by("notification_by_age", lambda: others[:1_000])
    assert_found_by("command_by_age", lambda: sent[:1_000])
