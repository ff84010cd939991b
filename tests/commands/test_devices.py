"""manage.py devices: which devices are connected, away or silent."""

from datetime import timedelta

import pytest
from django.core.management import CommandError

from devicehive.protocol.timestamps import now
from devices.models import Attachment, Device, Presence, User
from tests.commands import run
from tests.handlers.test_presence import fleet, put

__all__ = ["fleet"]


def ids(*arguments: str) -> list[str]:
    """The devices that are listed."""
    head, *lines = run("devices", *arguments).splitlines()
    assert head.split("\t") == [
        *("id", "name", "presence", "since", "last heard", "address", "user")
    ]
    return [line.partition("\t")[0] for line in lines]


def test_all_are_listed_as_their_user_sees_them(fleet: list[str], alice: User) -> None:
    assert {*fleet, "away"} < {*ids()}
    assert {*ids("--as", "bob")} == {*fleet}


@pytest.mark.parametrize(
    ("arguments", "listed"),
    [
        (["--silent", "1h"], ["hour", "two-hours"]),
        (["--silent", "90min"], ["two-hours"]),
        (["--silent", "7200s"], ["two-hours"]),
        (["--silent", "1d"], []),
        (["--never"], ["never", "new"]),
    ],
)
def test_those_asked_for_are_listed(
    fleet: list[str], alice: User, arguments: list[str], listed: list[str]
) -> None:
    assert ids(*arguments, "--as", "bob") == listed


def test_a_line_tells_all_that_is_known_of_a_device(device: Device, alice: User, bob: User) -> None:
    put(device, ago=5, is_connected=True, address="192.0.2.7", user_id=bob.pk)
    moment = Presence.objects.get().heard_at
    assert moment is not None
    text = moment.replace(tzinfo=None).isoformat(timespec="milliseconds")
    Device.objects.update(name="Lamp\tof\nbob")
    _, line = run("devices", "--connected").splitlines()
    assert line.split("\t") == [
        *(device.id, "Lamp of bob", "connected", text, text, "192.0.2.7", "bob")
    ]


def test_what_a_killed_server_had_is_not_connected(device: Device, alice: User) -> None:
    put(device, ago=5, is_connected=True)
    Attachment.objects.create(device_id=device.id, process=1)
    assert ids("--connected") == []
    assert ids("--silent", "1s") == [device.id]
    since = Presence.objects.get().since
    assert since is not None
    assert now() - since < timedelta(seconds=60)


@pytest.mark.parametrize("text", ["1", "h", "0h", "1w", "1000000000s"])
def test_what_is_no_time_is_refused(alice: User, text: str) -> None:
    with pytest.raises(CommandError, match="no time such as"):
        run("devices", "--silent", text)
