"""devices.signals: what is told after a commit, once a batch, and by whom."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.test import Client

from devicehive.orm import changes
from devicehive.orm.changes import ChangeSignal
from devicehive.protocol.permissions import Principal
from devices import signals
from devices.models import Configuration, Device, DeviceType, Network, User
from devices.schemas.device import DeviceBody
from devices.services import bulk, devices, standing
from devices.services.device_save import DeviceSave
from tests.commands import run
from tests.conftest import Connection
from tests.factories import PASSWORD
from tests.server import SECONDS

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

Told = list[tuple[str, object, object]]
"""What a receiver was told in one call: kind, key and login."""
ALL: list[ChangeSignal[Any]] = [
    signals.devices_changed,
    signals.networks_changed,
    signals.device_types_changed,
    signals.users_changed,
    signals.configuration_changed,
]


class Recorder:
    """A receiver of all signals."""

    def __init__(self) -> None:
        self.calls: list[Told] = []
        self.threads: set[str] = set()

    def __call__(self, changes: list[signals.Change[Any]], **kwargs: Any) -> None:
        self.threads.add(threading.current_thread().name)
        self.calls.append([(c.kind.name, c.record.pk, login_of(c.by)) for c in changes])

    def told(self) -> Told:
        """All that was told since it was asked last."""
        settle()
        told = [each for call in self.calls for each in call]
        self.calls.clear()
        return told


def login_of(by: Principal | None) -> str | None:
    return None if by is None else User.objects.get(pk=by.user_id).login


def settle() -> None:
    """Wait until the receivers have run, and give their connection back."""
    changes.TELLER.submit(connections.close_all).result()


@pytest.fixture
def recorder(alice: User, bob: User, device: Device) -> Iterator[Recorder]:
    """Connected when the people are there."""
    recorder = Recorder()
    for signal in ALL:
        signal.connect(recorder)
    yield recorder
    for signal in ALL:
        signal.disconnect(recorder)
    settle()


def save(user: User, device_id: str, **members: Any) -> DeviceSave:
    return DeviceSave.of(standing.unlimited(user), device_id, DeviceBody(**members))


def test_a_batch_of_saves_is_told_once_with_who_made_each(
    recorder: Recorder, alice: User, bob: User
) -> None:
    devices.save_many(
        [
            save(bob, "lamp-1", name="Lamp"),
            save(alice, "lamp-2", name="Lamp"),
            save(bob, "bobs-lamp", name="Old lamp"),
            save(bob, "lamp-1", name="New lamp"),
            save(bob, "refused-without-a-name"),
        ]
    )
    settle()
    (call,) = recorder.calls
    assert sorted(call) == [
        ("CHANGED", "bobs-lamp", "bob"),
        ("CREATED", "lamp-1", "bob"),
        ("CREATED", "lamp-2", "alice"),
    ]


def test_a_save_that_changes_nothing_is_not_told(recorder: Recorder, bob: User) -> None:
    devices.save(save(bob, "lamp-1", name="Lamp"))
    assert recorder.told() == [("CREATED", "lamp-1", "bob")]
    devices.save(save(bob, "lamp-1", name="Lamp"))
    assert recorder.told() == []


def test_what_is_rolled_back_is_not_told(recorder: Recorder, bob: User) -> None:
    with transaction.atomic():
        devices.save(save(bob, "lamp-1", name="Lamp"))
        Network.objects.create(name="Hall")
        transaction.set_rollback(True)
    assert recorder.told() == []


@pytest.mark.parametrize(
    ("action", "insert", "update"),
    [("network", {"name": "Hall"}, {"name": "Yard"}), ("devicetype", {"name": "H"}, {"name": "Y"})],
)
def test_groups_are_told_of_by_every_action(
    recorder: Recorder, as_alice: Connection, action: str, insert: Any, update: Any
) -> None:
    member, id_ = (
        ("network", "networkId") if action == "network" else ("deviceType", "deviceTypeId")
    )
    answer = as_alice.ask(f"{action}/insert", **{member: insert})
    key = answer[member]["id"]
    as_alice.ask(f"{action}/update", **{id_: key, member: update})
    as_alice.ask(f"{action}/update", **{id_: key + 1, member: update})
    as_alice.ask(f"{action}/delete", **{id_: key})
    assert recorder.told() == [
        ("CREATED", key, "alice"),
        ("CHANGED", key, "alice"),
        ("DELETED", key, "alice"),
    ]


def test_a_network_is_deleted_with_its_devices(
    recorder: Recorder, as_alice: Connection, network: Network
) -> None:
    number = network.id
    as_alice.ask("network/delete", networkId=number, force=True)
    assert recorder.told() == [("DELETED", "bobs-lamp", "alice"), ("DELETED", number, "alice")]


def test_users_are_told_of_but_not_their_log_ins(
    recorder: Recorder, as_alice: Connection, bob: User
) -> None:
    recorder.told()
    as_alice.ask(
        "user/insert", user={"login": "dave", "password": PASSWORD, "role": 1, "status": 0}
    )
    dave = User.objects.get(login="dave")
    as_alice.ask("user/update", userId=dave.id, user={"status": 2})
    as_alice.ask("token", login="bob", password=PASSWORD)
    as_alice.ask("user/delete", userId=dave.id)
    assert recorder.told() == [
        ("CREATED", dave.id, "alice"),
        ("CHANGED", dave.id, "alice"),
        ("DELETED", dave.id, "alice"),
    ]


def test_configuration_is_told_of(recorder: Recorder, as_alice: Connection) -> None:
    for value in ("1", "2"):
        as_alice.ask("configuration/put", name="own.entry", value=value)
    key = Configuration.objects.get(name="own.entry").pk
    as_alice.ask("configuration/delete", name="own.entry")
    assert recorder.told() == [
        ("CREATED", key, "alice"),
        ("CHANGED", key, "alice"),
        ("DELETED", key, "alice"),
    ]


def test_devices_are_deleted_and_changed_many_at_once(recorder: Recorder, alice: User) -> None:
    principal = standing.unlimited(alice)
    selected = Device.objects.filter(id="bobs-lamp")
    bulk.set_blocked(principal, selected, blocked=True)
    bulk.delete(principal, selected)
    assert recorder.told() == [
        ("CHANGED", "bobs-lamp", "alice"),
        ("DELETED", "bobs-lamp", None),
    ]


def test_the_admin_and_commands_say_who_acts(
    recorder: Recorder, alice: User, client: Client
) -> None:
    client.force_login(alice)
    client.post("/admin/devices/network/add/", {"name": "Hall"})
    run("savedevice", "lamp-1", "--name", "Lamp")
    hall = Network.objects.get(name="Hall")
    assert recorder.told() == [("CREATED", hall.pk, "alice"), ("CREATED", "lamp-1", "alice")]


def test_the_orm_tells_too_but_of_nobody(recorder: Recorder) -> None:
    kind = DeviceType.objects.create(name="Lamps")
    assert recorder.told() == [("CREATED", kind.pk, None)]


def test_receivers_run_in_a_thread_of_their_own(recorder: Recorder) -> None:
    Network.objects.create(name="Hall")
    recorder.told()
    assert recorder.threads == {"signals_0"}


def test_a_receiver_that_fails_breaks_neither_the_save_nor_the_others(
    recorder: Recorder, bob: User, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**kwargs: Any) -> None:
        raise DatabaseError("no disk")

    signals.devices_changed.connect(fail)
    devices.save(save(bob, "lamp-1", name="Lamp"))
    assert recorder.told() == [("CREATED", "lamp-1", "bob")]
    signals.devices_changed.disconnect(fail)
    assert [record.exc_text is not None for record in caplog.records] == [True]


def test_a_receiver_that_is_slow_delays_no_save_and_hears_the_rest_at_once(
    recorder: Recorder, bob: User
) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def wait(**kwargs: Any) -> None:
        begun.set()
        goes_on.wait(SECONDS)

    signals.devices_changed.connect(wait)
    devices.save(save(bob, "lamp-1", name="Lamp"))
    assert begun.wait(SECONDS)
    for number in (2, 3):
        devices.save(save(bob, f"lamp-{number}", name="Lamp"))
    assert Device.objects.filter(id__startswith="lamp-").count() == 3
    goes_on.set()
    settle()
    signals.devices_changed.disconnect(wait)
    assert [[key for _, key, _ in call] for call in recorder.calls] == [
        ["lamp-1"],
        ["lamp-2", "lamp-3"],
    ]


def test_too_many_changes_for_slow_receivers_are_left_out_and_logged(
    recorder: Recorder,
    bob: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(changes, "MOST_CHANGES", -1)
    with caplog.at_level(logging.ERROR):
        devices.save(save(bob, "lamp-1", name="Lamp"))
    assert recorder.told() == []
    assert caplog.messages == ["1 changes were dropped: signal receivers are too slow"]
