"""Who is there: what was done to devices, and what is known of it afterwards (ADR 30)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from pytest_django.fixtures import Settings

from devicehive.events.event import PROCESS
from devicehive.protocol.timestamps import now
from devices.models import (
    Attachment,
    Device,
    DeviceType,
    Network,
    Presence,
    ServerProcess,
    SilenceLimit,
    User,
)
from devices.services import presence_keeping, server_processes, silence
from tests.conftest import Connection, connected
from tests.presence import go_through, keep, release_lost
from tests.rest.client import rest

LAMP = {"name": "Lamp"}
OTHER = PROCESS ^ 1
"""Another server process."""

Do = Callable[[Connection, Device], dict[str, Any]]


def insert_command(connection: Connection) -> int:
    answer = connection.ask("command/insert", deviceId="bobs-lamp", command={"command": "dim"})
    id_: int = answer["command"]["id"]
    return id_


def update_command(connection: Connection) -> dict[str, Any]:
    return connection.ask(
        "command/update",
        deviceId="bobs-lamp",
        commandId=insert_command(connection),
        command={"status": "done"},
    )


DONE_BY_DEVICES: dict[str, Callable[[Connection], dict[str, Any]]] = {
    "saves": lambda it: it.ask("device/save", deviceId="bobs-lamp", device=LAMP),
    "notifies": lambda it: it.ask(
        "notification/insert", deviceId="bobs-lamp", notification={"notification": "lit"}
    ),
    "updates a command": update_command,
    "subscribes to commands": lambda it: it.ask("command/subscribe", deviceId="bobs-lamp"),
}
DONE_BY_OTHERS: dict[str, Callable[[Connection], dict[str, Any]]] = {
    "gets": lambda it: it.ask("device/get", deviceId="bobs-lamp"),
    "lists": lambda it: it.ask("device/list"),
    "sends a command": lambda it: it.ask(
        "command/insert", deviceId="bobs-lamp", command={"command": "dim"}
    ),
    "reads its presence": lambda it: it.ask("device/presence", deviceId="bobs-lamp"),
    "subscribes to updates": lambda it: it.ask(
        "command/subscribe", deviceId="bobs-lamp", returnUpdatedCommands=True
    ),
    "subscribes to notifications": lambda it: it.ask(
        "notification/subscribe", deviceId="bobs-lamp"
    ),
    "subscribes to all commands": lambda it: it.ask("command/subscribe"),
}


def presence_of(connection: Connection, device_id: str = "bobs-lamp") -> dict[str, Any]:
    """What is known of a device now."""
    keep()
    answer = connection.ask("device/presence", deviceId=device_id)
    assert answer["status"] == "success", answer
    presence: dict[str, Any] = answer["presence"]
    return presence


def is_connected(connection: Connection, device_id: str = "bobs-lamp") -> bool:
    return bool(presence_of(connection, device_id)["connected"])


def attach_elsewhere(device: Device, *, beat_ago: timedelta = timedelta(0)) -> None:
    """Let another process have a connection of the device, which last said so long ago that it
    lives."""
    ServerProcess.objects.create(pk=OTHER, name="other", beat_at=Now() - beat_ago)
    Attachment.objects.create(device_id=device.id, process=OTHER)


def fall_silent(device: Device) -> None:
    """Let the device be last heard of two hours ago."""
    Presence.objects.filter(pk=device.pk).update(heard_at=now() - timedelta(hours=2))


@pytest.fixture
def lamp(as_bob: Connection, device: Device) -> Connection:
    """The lamp's own connection."""
    connection = connected(User.objects.get(login="bob"))
    connection.caller.address = "192.0.2.7"
    connection.ask("device/save", deviceId=device.id, device=LAMP)
    return connection


# --- What counts -------------------------------------------------------------------------------


@pytest.mark.parametrize("does", DONE_BY_DEVICES)
def test_who_does_what_devices_do_is_the_device(
    as_bob: Connection, device: Device, bob: User, does: str
) -> None:
    before = now()
    as_bob.caller.address = "192.0.2.7"
    assert DONE_BY_DEVICES[does](as_bob)["status"] == "success"
    presence = presence_of(as_bob)
    assert presence == {
        "deviceId": device.id,
        "connected": True,
        "since": presence["lastHeard"],
        "lastHeard": presence["lastHeard"],
        "silent": False,
        "address": "192.0.2.7",
        "userId": bob.pk,
    }
    row = Presence.objects.get()
    assert row.heard_at is not None
    assert before <= row.heard_at <= now()


@pytest.mark.parametrize("does", DONE_BY_OTHERS)
def test_who_does_anything_else_is_not(as_bob: Connection, device: Device, does: str) -> None:
    assert DONE_BY_OTHERS[does](as_bob)["status"] == "success"
    assert presence_of(as_bob) == {
        "deviceId": device.id,
        "connected": False,
        "since": None,
        "lastHeard": None,
        "silent": False,
        "address": None,
        "userId": None,
    }


def test_who_may_only_send_commands_is_not_the_device_it_listens_to(
    bob: User, device: Device, as_bob: Connection
) -> None:
    """As the page of a device in the admin, which shows the commands."""
    page = connected(bob, a=(5, 7), n=("*",), dt=("*",))
    assert page.ask("command/subscribe", deviceId=device.id)["status"] == "success"
    assert not is_connected(as_bob)
    display = connected(bob, a=(5,), n=("*",), dt=("*",))
    assert display.ask("command/subscribe", deviceId=device.id)["status"] == "success"
    assert is_connected(as_bob)


@pytest.mark.parametrize("does", DONE_BY_DEVICES)
def test_who_is_refused_is_not(
    as_charlie: Connection, as_bob: Connection, device: Device, does: str
) -> None:
    if does != "updates a command":
        assert DONE_BY_DEVICES[does](as_charlie)["status"] == "error"
    as_charlie.ask("command/update", deviceId=device.id, commandId=1, command={"status": "done"})
    assert presence_of(as_bob)["lastHeard"] is None


def test_over_rest_a_device_is_heard_of_and_not_connected(
    as_bob: Connection, bob: User, device: Device
) -> None:
    bob_rest = rest(bob)
    asked: list[tuple[str, str, Any]] = [
        ("PUT", "device/bobs-lamp", LAMP),
        ("POST", "device/bobs-lamp/notification", {"notification": "lit"}),
        ("PUT", f"device/bobs-lamp/command/{insert_command(as_bob)}", {"status": "done"}),
        ("GET", "device/bobs-lamp/command/poll", None),
    ]
    for method, path, body in asked:
        Presence.objects.all().delete()
        query = {"waitTimeout": 0} if body is None else {}
        status, _ = bob_rest.ask(method, path, body, **query)
        assert status < 300
        presence = presence_of(as_bob)
        assert (presence["connected"], presence["userId"]) == (False, bob.pk), path
        assert presence["lastHeard"] is not None, path


@pytest.mark.parametrize("path", ["device/bobs-lamp", "device/bobs-lamp/notification", "device"])
def test_over_rest_who_reads_is_not_the_device(
    as_bob: Connection, bob: User, device: Device, path: str
) -> None:
    bob_rest = rest(bob)
    assert bob_rest.get(path)[0] == 200
    assert presence_of(as_bob)["lastHeard"] is None


# --- Comes and goes ----------------------------------------------------------------------------


def test_a_device_is_connected_until_its_last_connection_ends(
    as_bob: Connection, lamp: Connection
) -> None:
    second = connected(User.objects.get(login="bob"))
    DONE_BY_DEVICES["notifies"](second)
    assert is_connected(as_bob)
    lamp.caller.close()
    assert is_connected(as_bob)
    second.caller.close()
    gone = presence_of(as_bob)
    assert (gone["connected"], gone["since"] >= gone["lastHeard"]) == (False, True)
    DONE_BY_DEVICES["saves"](connected(User.objects.get(login="bob")))
    assert is_connected(as_bob)


def test_a_connection_may_be_that_of_many_devices(as_bob: Connection, network: Network) -> None:
    gateway = connected(User.objects.get(login="bob"))
    ids = [f"sensor-{number}" for number in range(3)]
    for id_ in ids:
        gateway.ask("device/save", deviceId=id_, device=LAMP)
    assert [is_connected(as_bob, id_) for id_ in ids] == [True] * 3
    gateway.caller.close()
    assert [is_connected(as_bob, id_) for id_ in ids] == [False] * 3


def test_who_comes_and_goes_between_two_batches_was_heard_of(
    as_bob: Connection, lamp: Connection
) -> None:
    lamp.caller.close()
    presence = presence_of(as_bob)
    assert (presence["connected"], presence["address"]) == (False, "192.0.2.7")
    assert presence["lastHeard"] is not None


def test_a_change_of_address_is_seen(as_bob: Connection, lamp: Connection) -> None:
    assert presence_of(as_bob)["address"] == "192.0.2.7"
    lamp.caller.address = "x" * 100 + "\0"
    DONE_BY_DEVICES["notifies"](lamp)
    assert presence_of(as_bob)["address"] == "x" * 64


def test_a_later_moment_is_written(as_bob: Connection, device: Device, lamp: Connection) -> None:
    first = presence_of(as_bob)
    fall_silent(device)
    DONE_BY_DEVICES["notifies"](lamp)
    again = presence_of(as_bob)
    assert again["lastHeard"] >= first["lastHeard"]
    assert again | {"lastHeard": first["lastHeard"]} == first


def test_a_device_that_is_saved_anew_is_another_one(
    as_bob: Connection, device: Device, lamp: Connection
) -> None:
    before = presence_of(as_bob)
    lamp.caller.close()
    as_bob.ask("device/delete", deviceId=device.id)
    stranger = Device.objects.create(
        id=device.id, name="New", network=device.network, device_type=device.device_type
    )
    assert presence_of(as_bob)["lastHeard"] is None
    DONE_BY_DEVICES["saves"](as_bob)
    again = presence_of(as_bob)
    assert (again["connected"], again["since"] >= before["since"]) == (True, True)
    assert Presence.objects.get().generation == stranger.generation


def test_what_a_database_that_is_away_has_not_taken_is_written_later(
    as_bob: Connection, lamp: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*about: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(presence_keeping, "rewrite", fail)
        with pytest.raises(OperationalError):
            keep()
    assert is_connected(as_bob)


# --- Many at once ------------------------------------------------------------------------------


@pytest.fixture
def sensors(as_bob: Connection, device: Device, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Devices that have come, each of which fills a slice."""
    monkeypatch.setattr(presence_keeping, "SLICE_DEVICES", 1)
    ids = [f"sensor-{number}" for number in range(3)]
    for id_ in ids:
        as_bob.ask("device/save", deviceId=id_, device=LAMP)
    return ids


def noted() -> list[str]:
    return list(Presence.objects.order_by("device_id").values_list("device_id", flat=True))


def test_others_have_their_turn_after_each_slice(sensors: list[str]) -> None:
    assert [noted() for _ in presence_keeping.keep()] == [sensors[:count] for count in range(4)]


def test_what_nobody_went_on_with_is_written_later(sensors: list[str]) -> None:
    steps = presence_keeping.keep()
    next(steps)
    next(steps)
    del steps
    assert noted() == sensors[:1]
    keep()
    assert noted() == sensors


def test_a_process_lives_however_many_come_at_once(sensors: list[str], settings: Settings) -> None:
    settings.PRESENCE_SECONDS = 0
    steps = presence_keeping.keep()
    next(steps)
    next(steps)
    ServerProcess.objects.update(beat_at=Now() - timedelta(seconds=30))
    next(steps)
    assert list(server_processes.living().values_list("pk", flat=True)) == [PROCESS]


# --- Several processes -------------------------------------------------------------------------


def test_a_device_is_connected_while_another_process_has_it(
    as_bob: Connection, device: Device, lamp: Connection
) -> None:
    attach_elsewhere(device)
    assert is_connected(as_bob)
    lamp.caller.close()
    assert is_connected(as_bob)
    ServerProcess.objects.filter(pk=OTHER).delete()
    release_lost()
    assert not is_connected(as_bob)


def test_what_a_dead_process_had_is_not_connected(as_bob: Connection, device: Device) -> None:
    attach_elsewhere(device, beat_ago=timedelta(seconds=21))
    Presence.objects.create(
        device=device, generation=device.generation, is_connected=True, since=now()
    )
    release_lost()
    assert not is_connected(as_bob)
    assert list(ServerProcess.objects.values_list("pk", flat=True)) == [PROCESS]
    assert not Attachment.objects.exists()


def test_what_one_of_two_has_that_died_stays_connected(
    as_bob: Connection, device: Device, lamp: Connection
) -> None:
    attach_elsewhere(device, beat_ago=timedelta(seconds=21))
    before = presence_of(as_bob)
    release_lost()
    assert presence_of(as_bob) == before
    assert before["connected"]


def test_a_living_process_keeps_what_it_has(as_bob: Connection, device: Device) -> None:
    attach_elsewhere(device, beat_ago=timedelta(seconds=10))
    release_lost()
    assert Attachment.objects.filter(process=OTHER).exists()


def test_a_process_that_was_taken_for_dead_comes_again(
    as_bob: Connection, lamp: Connection
) -> None:
    assert is_connected(as_bob)
    Attachment.objects.all().delete()
    ServerProcess.objects.all().delete()
    DONE_BY_DEVICES["notifies"](connected(User.objects.get(login="bob")))
    assert is_connected(as_bob)
    assert Attachment.objects.get().process == PROCESS


def test_a_process_that_stops_leaves_nobody_connected(as_bob: Connection, lamp: Connection) -> None:
    assert is_connected(as_bob)
    lamp.caller.close()
    go_through(presence_keeping.end())
    assert not Presence.objects.get().is_connected
    assert not ServerProcess.objects.exists()


def test_a_beat_is_known_from_the_second_on(db: None) -> None:
    assert [server_processes.beat(), server_processes.beat()] == [False, True]


# --- Silence -----------------------------------------------------------------------------------


def test_who_is_not_heard_of_for_too_long_is_silent_until_it_is(
    as_bob: Connection, device: Device, lamp: Connection
) -> None:
    assert not presence_of(as_bob)["silent"]
    fall_silent(device)
    silent = presence_of(as_bob)
    assert (silent["silent"], silent["connected"]) == (True, True)
    DONE_BY_DEVICES["notifies"](lamp)
    assert not presence_of(as_bob)["silent"]


@pytest.mark.parametrize(("seconds", "is_silent"), [(0, False), (7_300, False), (7_100, True)])
def test_the_installation_says_how_long(
    as_bob: Connection,
    device: Device,
    lamp: Connection,
    settings: Settings,
    seconds: int,
    is_silent: bool,
) -> None:
    settings.DEVICE_SILENT_SECONDS = seconds
    keep()
    fall_silent(device)
    assert presence_of(as_bob)["silent"] == is_silent


@pytest.mark.parametrize(("seconds", "is_silent"), [(0, False), (7_300, False), (7_100, True)])
def test_a_device_type_says_how_long(
    as_bob: Connection,
    device: Device,
    device_type: DeviceType,
    lamp: Connection,
    settings: Settings,
    seconds: int,
    is_silent: bool,
) -> None:
    settings.DEVICE_SILENT_SECONDS = 3_600 if not is_silent else 0
    SilenceLimit.objects.create(device_type=device_type, seconds=seconds)
    keep()
    fall_silent(device)
    assert presence_of(as_bob)["silent"] == is_silent


def test_more_than_fit_a_slice_fall_silent(
    as_bob: Connection, network: Network, device_type: DeviceType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "SLICE_SILENT", 2)
    for number in range(5):
        as_bob.ask("device/save", deviceId=f"sensor-{number}", device=LAMP)
    keep()
    Presence.objects.update(heard_at=now() - timedelta(hours=2))
    keep()
    assert Presence.objects.filter(is_silent=True).count() == 5
